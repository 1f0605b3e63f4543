// Only what has the promised shape is believed.
import { describe, expect, test } from "vitest";
import { parse } from "../src/wire";
import { eventMessage, powerMessage, statusMessage } from "./samples";

describe("a message of the feed", () => {
  test("is understood", () => {
    expect(parse(powerMessage(7))).toMatchObject({
      type: "power",
      seq: 7,
      power: { soc: 78, pv: 6240, battery: -3120 },
    });
    expect(parse(statusMessage(true))).toMatchObject({ type: "status", connected: true });
    expect(parse(statusMessage(false, "refused"))).toMatchObject({
      connected: false,
      trouble: { kind: "refused" },
    });
    expect(parse(eventMessage("modbus_connected"))).toMatchObject({ type: "connected" });
    expect(parse(eventMessage("modbus_disconnected", "reset"))).toMatchObject({ trouble: { kind: "reset" } });
  });

  test("with a cause that is not known has no cause", () => {
    expect(parse(eventMessage("modbus_disconnected", "gremlins"))).toMatchObject({ trouble: { kind: null } });
  });

  test("with values that are no numbers has no values", () => {
    const text = JSON.stringify({
      type: "power_update",
      timestamp: new Date().toISOString(),
      data: { pv: { power: "6" } },
    });
    expect(parse(text)).toMatchObject({
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
  ])("that does not concern a card is passed over: %s", (text) => {
    expect(parse(text)).toBeNull();
  });

  test("of a kind that this version does not know is passed over", () => {
    expect(parse(JSON.stringify({ type: "novelty", timestamp: new Date().toISOString() }))).toBeNull();
  });
});
