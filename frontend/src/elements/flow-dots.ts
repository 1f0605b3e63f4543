// The dots on an arc of the power flow, which move by one position whenever new values arrive.
import { pointAt, WIDTH, type Arc } from "./flow-geometry";

export const DOT_COUNT = 2;
const ANIMATION_STEPS = 8;
/** All animations of a card use the same few frames, because each changed frame costs rendering time. */
export const ANIMATION = { duration: 320, easing: `steps(${ANIMATION_STEPS})` } as const;

/** The direction of the power on an arc, and the top edge of the visible area. */
export interface ArcOrientation {
  readonly forward: boolean;
  readonly top: number;
}

/** Dots that moved all the time would make the browser draw 60 frames/s, which costs more than the rest of the card. */
export class FlowDots {
  readonly #arc: Arc;
  #animations: readonly Animation[] = [];

  constructor(arc: Arc) {
    this.#arc = arc;
  }

  /** Moves the dots to their rest positions without an animation. */
  place(dots: readonly HTMLElement[], orientation: ArcOrientation): void {
    for (const [index, dot] of dots.entries()) {
      dot.style.transform = this.#transform(restPosition(index), orientation);
      dot.style.opacity = "1";
    }
  }

  /** Moves each dot to the position of the next one. The last dot continues at the start of the arc. */
  animate(dots: readonly HTMLElement[], orientation: ArcOrientation): void {
    if (this.#animations.some(({ playState }) => playState === "running")) return;
    // The compositor runs these animations: they need no script and no paint.
    this.#animations = dots.map((dot, index) => dot.animate(this.#keyframes(index, orientation), ANIMATION));
  }

  stop(dots: readonly HTMLElement[]): void {
    for (const animation of this.#animations) animation.cancel();
    this.#animations = [];
    for (const dot of dots) dot.removeAttribute("style");
  }

  /** Only `transform` and `opacity`: other properties would be animated on the main thread. */
  #keyframes(index: number, orientation: ArcOrientation): Keyframe[] {
    return Array.from({ length: ANIMATION_STEPS + 1 }, (_, step) => step / ANIMATION_STEPS).flatMap(
      (offset) => {
        const t = restPosition(index) + easeInOut(offset) / DOT_COUNT;
        const frame = (at: number): Keyframe => ({
          offset,
          transform: this.#transform(at, orientation),
          opacity: at === 0 || at === 1 ? 0 : 1,
        });
        if (t === 1) return [frame(1), frame(0)];
        return [frame(t % 1)];
      },
    );
  }

  #transform(t: number, { forward, top }: ArcOrientation): string {
    const { x, y } = pointAt(this.#arc, forward ? t : 1 - t);
    return `translate(${toContainerWidth(x)}, ${toContainerWidth(y - top)})`;
  }
}

function easeInOut(t: number): number {
  return t * t * (3 - 2 * t);
}

function restPosition(index: number): number {
  return (index + 0.5) / DOT_COUNT;
}

/** Converts a length of the drawing to a CSS length relative to the container's width. */
export function toContainerWidth(length: number): string {
  return `${((length / WIDTH) * 100).toFixed(3)}cqw`;
}
