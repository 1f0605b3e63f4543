// What a user may write, and what is said about a mistake.
import { describe, expect, test } from "vitest";
import { choose } from "../src/choice";
import { check, DEFAULTS } from "../src/config";
import { invertersOf } from "../src/ha";
import { en } from "../src/translations/en";
import { hassOf } from "./samples";

describe("a configuration", () => {
  test("that says nothing shows everything but the debug line", () => {
    expect(check({ type: "custom:alphaess-live-card" })).toEqual({
      config: { type: "custom:alphaess-live-card", device: null, title: null, ...DEFAULTS },
      problems: [],
    });
  });

  test("is obeyed", () => {
    const { config, problems } = check({ device: "abc", title: "Roof", show_today: false, show_debug: true });
    expect(problems).toEqual([]);
    expect(config).toMatchObject({ device: "abc", title: "Roof", show_today: false, show_debug: true });
  });

  test.each([
    [
      "a word for a switch",
      { show_flow: "yes" },
      { kind: "not_boolean", option: "show_flow", value: '"yes"' },
    ],
    ["a number for a title", { title: 3 }, { kind: "not_text", option: "title", value: "3" }],
    ["a list for a device", { device: ["a"] }, { kind: "not_text", option: "device", value: '["a"]' }],
  ])("with %s names the mistake and takes the default", (_, raw, problem) => {
    const { config, problems } = check(raw);
    expect(problems).toEqual([problem]);
    expect(config).toEqual(check({}).config);
  });

  test("with a misspelt option says which ones there are", () => {
    expect(check({ show_flwo: true }).problems[0]).toMatchObject({
      kind: "unknown_option",
      option: "show_flwo",
    });
  });

  test("may hold what Home Assistant and other tools add to any card", () => {
    expect(check({ grid_options: {}, visibility: [], card_mod: {}, view_layout: {} }).problems).toEqual([]);
  });

  test.each([[null], ["text"], [[]], [undefined]])("that is %j cannot be rendered and is refused", (raw) => {
    expect(() => check(raw)).toThrow(/mapping/);
  });
});

describe("the inverter of a card", () => {
  const one = invertersOf(hassOf(["A"]));
  const two = invertersOf(hassOf(["A", "B"]));

  test("is the only one", () => {
    expect(choose(one, null, en)).toMatchObject({ inverter: { serial: "A" } });
  });

  test("can be named by device or by serial number", () => {
    expect(choose(two, "device-B", en)).toMatchObject({ inverter: { serial: "B" } });
    expect(choose(two, "B", en)).toMatchObject({ inverter: { serial: "B" } });
  });

  test("is not guessed among several; their names are told", () => {
    expect(choose(two, null, en)).toEqual({
      complaint: "There are several inverters. Choose one in this card’s settings: House A (A), House B (B).",
    });
  });

  test("that is gone or was never there is named", () => {
    expect(choose(one, "gone", en)).toMatchObject({ complaint: expect.stringContaining("“gone”") as string });
    expect(choose([], null, en)).toEqual({ complaint: en.no_inverter });
  });

  test("is not mistaken for a battery that hangs on it", () => {
    const hass = hassOf(["A"]);
    const battery = {
      id: "b",
      name: "B",
      name_by_user: null,
      identifiers: [["alphaess_live", "A_b"]],
      via_device_id: "device-A",
    };
    expect(invertersOf({ ...hass, devices: { ...hass.devices, b: battery } })).toHaveLength(1);
  });
});
