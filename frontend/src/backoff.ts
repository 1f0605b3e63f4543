// How long to wait before the feed is tried again: 3 s, doubling to 30 s, never quite the same; pure.

const FIRST = 3_000;
const LONGEST = 30_000;
/** After a restart of Home Assistant every tablet in the house tries again; spread over a quarter they do not collide. */
const JITTER = 0.25;

/** Milliseconds until attempt number `failures` + 1; `chance` is between 0 and 1. */
export function delayAfter(failures: number, chance: number): number {
  const full = Math.min(LONGEST, FIRST * 2 ** Math.max(0, failures - 1));
  return full * (1 - JITTER * chance);
}
