// Lets a card see the feed: redraws at most once a frame, and not at all while nobody can see it.
import type { ReactiveController, ReactiveControllerHost } from "lit";
import type { Feed } from "./feed";

export class Watch implements ReactiveController {
  /** On screen, and in a page that is shown. */
  visible = true;

  #feed: Feed | null = null;
  #leave: (() => void) | null = null;
  #frame: number | null = null;
  #onScreen = true;
  #attached = false;
  readonly #observer = new IntersectionObserver((entries) => {
    this.#onScreen = entries.at(-1)?.isIntersecting ?? true;
    this.#look();
  });

  constructor(private readonly host: ReactiveControllerHost & Element) {
    host.addController(this);
  }

  hostConnected(): void {
    this.#attached = true;
    this.#observer.observe(this.host);
    document.addEventListener("visibilitychange", this.#look);
    this.#join();
  }

  hostDisconnected(): void {
    this.#attached = false;
    this.#observer.disconnect();
    document.removeEventListener("visibilitychange", this.#look);
    this.#part();
  }

  follow(feed: Feed | null): void {
    if (feed === this.#feed) return;
    this.#part();
    this.#feed = feed;
    this.#join();
  }

  #join(): void {
    if (this.#attached && this.#feed !== null) this.#leave = this.#feed.follow(this.#soon);
  }

  #part(): void {
    if (this.#frame !== null) cancelAnimationFrame(this.#frame);
    this.#frame = null;
    this.#leave?.();
    this.#leave = null;
  }

  /** A burst of messages costs one redraw; a hidden page gets no frames, so it costs none. */
  readonly #soon = (): void => {
    if (!this.#onScreen) return;
    this.#frame ??= requestAnimationFrame(() => {
      this.#frame = null;
      this.host.requestUpdate();
    });
  };

  readonly #look = (): void => {
    const visible = this.#onScreen && !document.hidden;
    if (visible === this.visible) return;
    this.visible = visible;
    this.host.requestUpdate();
  };
}
