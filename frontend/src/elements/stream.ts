// The dots on an arc: at rest they mark the way, and with each fresh set of values they move on by one place.
import { pointOn, WIDTH, type Arc } from "./arcs";

export const DOTS = 2;
const STEPS = 8;
/**
 * How anything on a card moves when fresh values are there: what costs is each frame that differs from the one before,
 * so all of it moves in the same few.
 */
export const RHYTHM = { duration: 320, easing: `steps(${STEPS})` } as const;

/** How a flow runs along the arc: the right way round or not, and where the drawing begins. */
export interface Course {
  readonly forward: boolean;
  readonly top: number;
}

/**
 * A dot that never rested would make the browser draw sixty frames a second for as long as the page is open. Of what
 * such a card costs, this is most; and dots that move when values arrive say more: they stop when those do.
 */
export class Stream {
  #moving: readonly Animation[] = [];

  constructor(private readonly arc: Arc) {}

  /** Puts the dots where they rest. */
  rest(dots: readonly HTMLElement[], course: Course): void {
    for (const [index, dot] of dots.entries()) {
      dot.style.transform = this.#at(placeOf(index), course);
      dot.style.opacity = "1";
    }
  }

  /** Moves each dot to the place of the next one; the last one leaves and comes in again as the first. */
  beat(dots: readonly HTMLElement[], course: Course): void {
    if (this.#moving.some(({ playState }) => playState === "running")) return;
    // The compositor moves them: no script and no paint.
    this.#moving = dots.map((dot, index) => dot.animate(this.#way(index, course), RHYTHM));
  }

  stop(dots: readonly HTMLElement[]): void {
    for (const animation of this.#moving) animation.cancel();
    this.#moving = [];
    for (const dot of dots) dot.removeAttribute("style");
  }

  /** Only `transform` and `opacity`: anything else would bring the main thread back in. */
  #way(index: number, course: Course): Keyframe[] {
    return Array.from({ length: STEPS + 1 }, (_, step) => step / STEPS).flatMap((offset) => {
      const t = placeOf(index) + eased(offset) / DOTS;
      const frame = (at: number): Keyframe => ({
        offset,
        transform: this.#at(at, course),
        opacity: at === 0 || at === 1 ? 0 : 1,
      });
      if (t === 1) return [frame(1), frame(0)];
      return [frame(t % 1)];
    });
  }

  #at(t: number, { forward, top }: Course): string {
    const { x, y } = pointOn(this.arc, forward ? t : 1 - t);
    return `translate(${wide(x)}, ${wide(y - top)})`;
  }
}

/** Sets off and arrives gently, and is half way at half time. */
function eased(t: number): number {
  return t * t * (3 - 2 * t);
}

function placeOf(index: number): number {
  return (index + 0.5) / DOTS;
}

/** A length of the drawing, relative to the width at which it is shown. */
export function wide(length: number): string {
  return `${((length / WIDTH) * 100).toFixed(3)}cqw`;
}
