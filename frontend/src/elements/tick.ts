// A text that depends on the time of day, such as an age: writes itself anew each second, and nothing else is drawn.

type Saying = (now: number) => string;

export class Tick extends HTMLElement {
  static readonly tag = "alphaess-live-tick";

  #say: Saying = () => "";

  set say(say: Saying) {
    this.#say = say;
    this.write();
  }

  connectedCallback(): void {
    join(this);
  }

  disconnectedCallback(): void {
    part(this);
  }

  write(): void {
    const text = this.#say(Date.now());
    if (text !== this.textContent) this.textContent = text;
  }
}

/** One clock for the whole page, and it stands still while nobody looks. */
const ticking = new Set<Tick>();
let clock: ReturnType<typeof setInterval> | undefined;

function join(tick: Tick): void {
  ticking.add(tick);
  clock ??= setInterval(() => {
    if (!document.hidden) for (const each of ticking) each.write();
  }, 1000);
}

function part(tick: Tick): void {
  ticking.delete(tick);
  if (ticking.size > 0) return;
  clearInterval(clock);
  clock = undefined;
}
