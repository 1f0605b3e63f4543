// Validation of feed messages.
import { describe, expect, test } from "vitest";
import { ERROR_KINDS, parseMessage } from "../src/messages";
import { eventMessage, powerMessage, statusMessage } from "./samples";

describe("parseMessage", () => {
  test("parses each message type", () => {
    expect(parseMessage(powerMessage(7))).toMatchObject({
      type: "power",
      seq: 7,
      power: { soc: 78, pv: 6240, battery: -3120 },
    });
    expect(parseMessage(statusMessage(true))).toMatchObject({ type: "status", connected: true });
    expect(parseMessage(statusMessage(false, "refused"))).toMatchObject({
      connected: false,
      linkError: { kind: "refused" },
    });
    expect(parseMessage(eventMessage("modbus_connected"))).toMatchObject({ type: "connected" });
    expect(parseMessage(eventMessage("modbus_disconnected", "reset"))).toMatchObject({
      linkError: { kind: "reset" },
    });
  });

  test.each(ERROR_KINDS)("accepts the cause %s", (kind) => {
    expect(parseMessage(eventMessage("modbus_disconnected", kind))).toMatchObject({ linkError: { kind } });
  });

  test("ignores an unknown cause", () => {
    expect(parseMessage(eventMessage("modbus_disconnected", "unknown"))).toMatchObject({
      linkError: { kind: null },
    });
  });

  test("ignores values that are not numbers", () => {
    const text = JSON.stringify({
      type: "power_update",
      timestamp: new Date().toISOString(),
      data: { pv: { power: "6" } },
    });
    expect(parseMessage(text)).toMatchObject({
      power: { soc: null, battery: null, pv: null, grid: null, load: null },
    });
  });

  test.each([
    ["no json"],
    ["null"],
    ["[]"],
    ["{}"],
    ['{"type":"auth_ok"}'],
    ['{"type":"pong","timestamp":"x"}'],
    [7],
  ])("ignores %s", (text) => {
    expect(parseMessage(text)).toBeNull();
  });

  test("ignores an unknown message type", () => {
    expect(parseMessage(JSON.stringify({ type: "unknown", timestamp: new Date().toISOString() }))).toBeNull();
  });
});
