// 3 s, doubling to 30 s, never quite the same.
import { expect, test } from "vitest";
import { delayAfter } from "../src/backoff";

test("the wait doubles from 3 s to 30 s", () => {
  expect([1, 2, 3, 4, 5, 50].map((failures) => delayAfter(failures, 0))).toEqual([
    3000, 6000, 12_000, 24_000, 30_000, 30_000,
  ]);
});

test("chance takes up to a quarter of it away", () => {
  expect(delayAfter(1, 1)).toBe(2250);
  expect(delayAfter(9, 0.5)).toBe(26_250);
});
