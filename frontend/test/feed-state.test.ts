// The display state after each sequence of events, and the age of the values.
import { describe, expect, test } from "vitest";
import {
  displayState,
  INITIAL_STATE,
  localMeasuredAt,
  reduce,
  type FeedEvent,
  type FeedState,
  type SocketState,
} from "../src/feed-state";
import type { Message } from "../src/messages";
import { NOON, POWER } from "./samples";

const socket = (to: SocketState): FeedEvent => ({ type: "socket", socket: to });
const received = (message: Message, receivedAt = NOON): FeedEvent => ({
  type: "message",
  message,
  receivedAt,
});
const header = { timestamp: NOON, seq: 1 };
const linkError = { kind: "timeout", message: "no answer" } as const;
const status = (connected: boolean): FeedEvent =>
  received({ ...header, type: "status", connected, linkError });
const power = (pv = 6240, timestamp = NOON): FeedEvent =>
  received({ timestamp, seq: 2, type: "power", power: { ...POWER, pv } }, timestamp);
const lost = received({ ...header, type: "disconnected", linkError });
const back = received({ ...header, type: "connected" });

function apply(...events: readonly FeedEvent[]): FeedState {
  return events.reduce(reduce, INITIAL_STATE);
}

const LIVE = [socket("connecting"), socket("open"), status(true), power()];

describe("the display state", () => {
  test.each([
    ["is connecting before the first message", [], "connecting"],
    ["is connecting until the first values arrive", LIVE.slice(0, 3), "connecting"],
    ["is live after the first values", LIVE, "live"],
    ["is disconnected if the first status says so", [socket("open"), status(false)], "disconnected"],
    ["is disconnected when the inverter is lost", [...LIVE, lost], "disconnected"],
    ["is live again after the reconnect", [...LIVE, lost, back], "live"],
    ["is paused after a pause", [...LIVE, { type: "pause" }], "paused"],
    [
      "is disconnected when the inverter is lost during a pause",
      [...LIVE, { type: "pause" }, lost],
      "disconnected",
    ],
    ["is paused again after a reconnect during a pause", [...LIVE, { type: "pause" }, lost, back], "paused"],
    ["is live again after a resume", [...LIVE, { type: "pause" }, { type: "resume" }], "live"],
    ["is feed lost when the socket is lost", [...LIVE, socket("lost")], "feed_lost"],
    ["is feed lost during a new attempt", [...LIVE, socket("lost"), socket("connecting")], "feed_lost"],
    ["is live when the feed sends again", [...LIVE, socket("lost"), socket("open"), status(true)], "live"],
    ["is connecting when a page without a socket is shown again", [...LIVE, socket("idle")], "connecting"],
  ] as const)("%s", (_, events, state) => {
    expect(displayState(apply(...events))).toBe(state);
  });

  test("keeps the last values and their time after a loss", () => {
    const state = apply(...LIVE, lost);
    expect(state.power?.pv).toBe(6240);
    expect(localMeasuredAt(state)).toBe(NOON);
    expect(state.linkError.kind).toBe("timeout");
  });

  test("clears the cause after the reconnect", () => {
    expect(apply(...LIVE, lost, back).linkError.kind).toBeNull();
  });

  test("keeps the values during a pause but takes the first ones", () => {
    expect(apply(...LIVE, { type: "pause" }, power(9)).power?.pv).toBe(6240);
    expect(apply({ type: "pause" }, socket("open"), status(true), power(9)).power?.pv).toBe(9);
  });

  test("keeps the sequence number up to date during a pause", () => {
    expect(apply(...LIVE, { type: "pause" }, power()).seq).toBe(2);
  });
});

describe("the age of the values", () => {
  test("is correct if the clock differs from the server's", () => {
    const offset = 90_000;
    const state = apply(
      socket("open"),
      received({ ...header, type: "status", connected: true, linkError }, NOON + offset),
      received({ timestamp: NOON + 1000, seq: 2, type: "power", power: POWER }, NOON + 1000 + offset),
    );
    expect(localMeasuredAt(state)).toBe(NOON + 1000 + offset);
  });

  test("is correct for a delayed message", () => {
    const late = received({ timestamp: NOON + 1000, seq: 2, type: "power", power: POWER }, NOON + 9000);
    expect(localMeasuredAt(apply(socket("open"), status(true), late))).toBe(NOON + 1000);
  });
});
