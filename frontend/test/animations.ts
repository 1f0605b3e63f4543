// Animations that only remember what was asked of them: the browser without a screen rejects a cancelled one loudly.
import { vi } from "vitest";

/** From now on, what was started ends up in the returned list. */
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
