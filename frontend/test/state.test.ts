// Live, paused, disconnected, feed lost: which is it when?
import { describe, expect, test } from "vitest";
import {
  measuredHere,
  NOTHING_YET,
  reduce,
  stateOf,
  type Happening,
  type Link,
  type Picture,
} from "../src/state";
import type { Message } from "../src/wire";
import { NOON, POWER } from "./samples";

const link = (to: Link): Happening => ({ type: "link", link: to });
const hear = (message: Message, receivedAt = NOON): Happening => ({ type: "message", message, receivedAt });
const stamp = { timestamp: NOON, seq: 1 };
const trouble = { kind: "timeout", message: "no answer" } as const;
const status = (connected: boolean): Happening => hear({ ...stamp, type: "status", connected, trouble });
const power = (pv = 6240, timestamp = NOON): Happening =>
  hear({ timestamp, seq: 2, type: "power", power: { ...POWER, pv } }, timestamp);
const lost = hear({ ...stamp, type: "disconnected", trouble });
const back = hear({ ...stamp, type: "connected" });

function after(...happenings: readonly Happening[]): Picture {
  return happenings.reduce(reduce, NOTHING_YET);
}

const LIVE = [link("connecting"), link("open"), status(true), power()];

describe("the state", () => {
  test.each([
    ["is connecting before anything was said", [], "connecting"],
    ["is connecting until the first values are in", LIVE.slice(0, 3), "connecting"],
    ["is live once values arrive", LIVE, "live"],
    [
      "is disconnected when the first word is that the inverter is away",
      [link("open"), status(false)],
      "disconnected",
    ],
    ["is disconnected as soon as the inverter is lost", [...LIVE, lost], "disconnected"],
    ["is live again when the inverter is back", [...LIVE, lost, back], "live"],
    ["is paused when the user says so", [...LIVE, { type: "pause" }], "paused"],
    [
      "is disconnected, not paused, when the inverter is lost meanwhile",
      [...LIVE, { type: "pause" }, lost],
      "disconnected",
    ],
    ["is paused again when the inverter is back", [...LIVE, { type: "pause" }, lost, back], "paused"],
    ["is live again after resuming", [...LIVE, { type: "pause" }, { type: "resume" }], "live"],
    ["is lost when the socket is", [...LIVE, link("lost")], "feed_lost"],
    ["stays lost while the socket is tried again", [...LIVE, link("lost"), link("connecting")], "feed_lost"],
    ["is live when the feed speaks again", [...LIVE, link("lost"), link("open"), status(true)], "live"],
    [
      "is connecting when a page comes back that had let go of its socket",
      [...LIVE, link("idle")],
      "connecting",
    ],
  ] as const)("%s", (_, happenings, state) => {
    expect(stateOf(after(...happenings))).toBe(state);
  });

  test("keeps the last values, and their time, when the inverter is lost", () => {
    const picture = after(...LIVE, lost);
    expect(picture.power?.pv).toBe(6240);
    expect(measuredHere(picture)).toBe(NOON);
    expect(picture.trouble.kind).toBe("timeout");
  });

  test("forgets the cause when the inverter is back", () => {
    expect(after(...LIVE, lost, back).trouble.kind).toBeNull();
  });

  test("freezes the values while paused, but shows the first ones all the same", () => {
    expect(after(...LIVE, { type: "pause" }, power(9)).power?.pv).toBe(6240);
    expect(after({ type: "pause" }, link("open"), status(true), power(9)).power?.pv).toBe(9);
  });

  test("remembers where in the feed it is, also while paused", () => {
    expect(after(...LIVE, { type: "pause" }, power()).seq).toBe(2);
  });
});

describe("the age of the values", () => {
  test("is not fooled by a clock that differs from the server's", () => {
    const wrong = 90_000;
    const picture = after(
      link("open"),
      hear({ ...stamp, type: "status", connected: true, trouble }, NOON + wrong),
      hear({ timestamp: NOON + 1000, seq: 2, type: "power", power: POWER }, NOON + 1000 + wrong),
    );
    expect(measuredHere(picture)).toBe(NOON + 1000 + wrong);
  });

  test("is not shortened by a message that was long on its way", () => {
    const late = hear({ timestamp: NOON + 1000, seq: 2, type: "power", power: POWER }, NOON + 9000);
    expect(measuredHere(after(link("open"), status(true), late))).toBe(NOON + 1000);
  });
});
