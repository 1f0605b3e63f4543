// Dots that run along an arc. The compositor moves them, so that a card at work costs the page no script and no paint.
import { pointOn, WIDTH, type Arc } from "./arcs";

const STEPS = 16;
const LAP = 4_000;
/** 3 kW run at this pace; nothing crawls, nothing races. */
const USUAL_WATTS = 3_000;
const SLOWEST = 0.5;
const FASTEST = 2;

export function paceOf(watts: number): number {
  return Math.min(FASTEST, Math.max(SLOWEST, Math.sqrt(watts / USUAL_WATTS)));
}

/** The dots of one arc: started, turned round, hurried or stopped as the watts say. */
export class Stream {
  #running: readonly Animation[] = [];
  #forward = true;
  #top = 0;

  constructor(private readonly arc: Arc) {}

  run(
    dots: readonly Element[],
    forward: boolean,
    flow: { readonly watts: number; readonly top: number },
  ): void {
    if (this.#running.length === 0 || forward !== this.#forward || flow.top !== this.#top) {
      this.stop();
      this.#forward = forward;
      this.#top = flow.top;
      this.#running = dots.map((dot, index) => this.#start(dot, index / dots.length));
    }
    for (const animation of this.#running) animation.updatePlaybackRate(paceOf(flow.watts));
  }

  stop(): void {
    for (const animation of this.#running) animation.cancel();
    this.#running = [];
  }

  #start(dot: Element, share: number): Animation {
    const animation = dot.animate(this.#way(), { duration: LAP, iterations: Infinity });
    animation.currentTime = LAP * share;
    return animation;
  }

  /** Only `transform` and `opacity`: anything else would bring the main thread back in. */
  #way(): Keyframe[] {
    return Array.from({ length: STEPS + 1 }, (_, step) => {
      const t = step / STEPS;
      const { x, y } = pointOn(this.arc, this.#forward ? t : 1 - t);
      return {
        transform: `translate(${wide(x)}, ${wide(y - this.#top)})`,
        opacity: step === 0 || step === STEPS ? 0 : 1,
      };
    });
  }
}

/** A length of the drawing, relative to the width at which it is shown. */
export function wide(length: number): string {
  return `${((length / WIDTH) * 100).toFixed(3)}cqw`;
}
