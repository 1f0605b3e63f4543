// A text that depends on the current time, such as an age. Updates itself each second without a redraw of the card.

type TimeFormat = (now: number) => string;

export class RelativeTimeElement extends HTMLElement {
  static readonly tag = "alphaess-live-relative-time";

  #format: TimeFormat = () => "";

  set format(format: TimeFormat) {
    this.#format = format;
    this.update();
  }

  connectedCallback(): void {
    startUpdates(this);
  }

  disconnectedCallback(): void {
    stopUpdates(this);
  }

  update(): void {
    const text = this.#format(Date.now());
    if (text !== this.textContent) this.textContent = text;
  }
}

/** One timer for all texts of the page. It skips updates while the page is hidden. */
const activeElements = new Set<RelativeTimeElement>();
let timer: ReturnType<typeof setInterval> | undefined;

function startUpdates(element: RelativeTimeElement): void {
  activeElements.add(element);
  timer ??= setInterval(() => {
    if (!document.hidden) for (const each of activeElements) each.update();
  }, 1000);
}

function stopUpdates(element: RelativeTimeElement): void {
  activeElements.delete(element);
  if (activeElements.size > 0) return;
  clearInterval(timer);
  timer = undefined;
}
