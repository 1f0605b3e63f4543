// Replaces animations by stubs, because happy-dom reports an error when an animation is cancelled.
import { vi } from "vitest";

/** Stubs `Element.animate`. Each started animation is appended to the returned list. */
export function recordAnimations(): Animation[] {
  const started: Animation[] = [];
  vi.spyOn(Element.prototype, "animate").mockImplementation(() => {
    const animation = {
      playState: "running",
      cancel: vi.fn(),
    } as unknown as Animation;
    started.push(animation);
    return animation;
  });
  return started;
}
