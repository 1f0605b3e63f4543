// Redraws a card when its feed changes: at most once per frame, and only while the card is visible.
import type { ReactiveController, ReactiveControllerHost } from "lit";
import type { Feed } from "./feed";

export class VisibilityController implements ReactiveController {
  /** Whether the card is on screen and its page is not hidden. */
  isVisible = true;

  readonly #host: ReactiveControllerHost & Element;
  #feed: Feed | null = null;
  #unsubscribe: (() => void) | null = null;
  #frame: number | null = null;
  #onScreen = true;
  #connected = false;
  readonly #observer = new IntersectionObserver((entries) => {
    this.#onScreen = entries.at(-1)?.isIntersecting ?? true;
    this.#updateVisibility();
  });

  constructor(host: ReactiveControllerHost & Element) {
    this.#host = host;
    host.addController(this);
  }

  hostConnected(): void {
    this.#connected = true;
    this.#observer.observe(this.#host);
    document.addEventListener("visibilitychange", this.#updateVisibility);
    this.#attach();
  }

  hostDisconnected(): void {
    this.#connected = false;
    this.#observer.disconnect();
    document.removeEventListener("visibilitychange", this.#updateVisibility);
    this.#detach();
  }

  setFeed(feed: Feed | null): void {
    if (feed === this.#feed) return;
    this.#detach();
    this.#feed = feed;
    this.#attach();
  }

  #attach(): void {
    if (this.#connected && this.#feed !== null)
      this.#unsubscribe = this.#feed.subscribe(this.#scheduleRedraw);
  }

  #detach(): void {
    if (this.#frame !== null) cancelAnimationFrame(this.#frame);
    this.#frame = null;
    this.#unsubscribe?.();
    this.#unsubscribe = null;
  }

  /** A burst of messages causes one redraw. A hidden page gets no frames, so it is not redrawn. */
  readonly #scheduleRedraw = (): void => {
    if (!this.#onScreen) return;
    this.#frame ??= requestAnimationFrame(() => {
      this.#frame = null;
      this.#host.requestUpdate();
    });
  };

  readonly #updateVisibility = (): void => {
    const isVisible = this.#onScreen && !document.hidden;
    if (isVisible === this.isVisible) return;
    this.isVisible = isVisible;
    this.#host.requestUpdate();
  };
}
