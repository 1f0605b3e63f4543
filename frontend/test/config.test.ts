// Validation of card configurations, and selection of the configured inverter.
import { describe, expect, test } from "vitest";
import { DEFAULT_OPTIONS, parseConfig, resolveInverter } from "../src/config";
import { listInverters } from "../src/ha";
import { en } from "../src/translations/en";
import { createHass } from "./samples";

describe("parseConfig", () => {
  test("an empty configuration gives the defaults", () => {
    expect(parseConfig({ type: "custom:alphaess-live-card" })).toEqual({
      config: { type: "custom:alphaess-live-card", device: null, title: null, ...DEFAULT_OPTIONS },
      problems: [],
    });
  });

  test("valid options are applied", () => {
    const { config, problems } = parseConfig({
      device: "abc",
      title: "Roof",
      show_today: false,
      show_debug: true,
    });
    expect(problems).toEqual([]);
    expect(config).toMatchObject({ device: "abc", title: "Roof", show_today: false, show_debug: true });
  });

  test.each([
    [
      "text for a boolean",
      { show_flow: "yes" },
      { kind: "not_boolean", option: "show_flow", value: '"yes"' },
    ],
    ["a number for the title", { title: 3 }, { kind: "not_text", option: "title", value: "3" }],
    ["a list for the device", { device: ["a"] }, { kind: "not_text", option: "device", value: '["a"]' }],
  ])("%s is reported and gets the default", (_, raw, problem) => {
    const { config, problems } = parseConfig(raw);
    expect(problems).toEqual([problem]);
    expect(config).toEqual(parseConfig({}).config);
  });

  test("a misspelt option is reported with the valid options", () => {
    expect(parseConfig({ show_flwo: true }).problems[0]).toMatchObject({
      kind: "unknown_option",
      option: "show_flwo",
    });
  });

  test("options of Home Assistant and of other extensions are accepted", () => {
    expect(parseConfig({ grid_options: {}, visibility: [], card_mod: {}, view_layout: {} }).problems).toEqual(
      [],
    );
  });

  test.each([[null], ["text"], [[]], [undefined]])("%j instead of a mapping throws", (raw) => {
    expect(() => parseConfig(raw)).toThrow(/mapping/);
  });
});

describe("resolveInverter", () => {
  const one = listInverters(createHass(["A"]));
  const two = listInverters(createHass(["A", "B"]));

  test("without a device the only inverter is selected", () => {
    expect(resolveInverter(one, null, en)).toMatchObject({ inverter: { serial: "A" } });
  });

  test("an inverter is found by device id and by serial number", () => {
    expect(resolveInverter(two, "device-B", en)).toMatchObject({ inverter: { serial: "B" } });
    expect(resolveInverter(two, "B", en)).toMatchObject({ inverter: { serial: "B" } });
  });

  test("without a device several inverters give a problem with their names", () => {
    expect(resolveInverter(two, null, en)).toEqual({
      problem: "There are several inverters. Choose one in this card’s settings: House A (A), House B (B).",
    });
  });

  test("a missing inverter gives a problem", () => {
    expect(resolveInverter(one, "gone", en)).toMatchObject({
      problem: expect.stringContaining("“gone”") as string,
    });
    expect(resolveInverter([], null, en)).toEqual({ problem: en.no_inverter });
  });

  test("a battery that is connected via an inverter is not listed", () => {
    const hass = createHass(["A"]);
    const battery = {
      id: "b",
      name: "B",
      name_by_user: null,
      identifiers: [["alphaess_live", "A_b"]],
      via_device_id: "device-A",
    };
    expect(listInverters({ ...hass, devices: { ...hass.devices, b: battery } })).toHaveLength(1);
  });
});
