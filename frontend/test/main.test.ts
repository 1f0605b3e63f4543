// The cards in Home Assistant's card picker and visual editor.
import { describe, expect, test, vi } from "vitest";
import "../src/main";
import { LiveCard } from "../src/live-card";
import { StatusCard } from "../src/status-card";
import { createHass } from "./samples";

describe("the card picker", () => {
  test("lists both cards with preview and documentation", () => {
    expect(window.customCards?.map(({ type, preview }) => [type, preview])).toEqual([
      ["alphaess-live-card", true],
      ["alphaess-live-status-card", true],
    ]);
    expect(window.customCards?.every(({ documentationURL }) => documentationURL.startsWith("https://"))).toBe(
      true,
    );
  });

  test("suggests a card for our entities only, with the device if there are several", () => {
    const suggest = window.customCards?.[0]?.getEntitySuggestion;
    const one = createHass(["A"]);
    expect(suggest?.(one, "sensor.renamed_pv_power")).toEqual({
      config: { type: "custom:alphaess-live-card" },
    });
    expect(suggest?.(one, "light.kitchen")).toBeNull();
    expect(suggest?.(createHass(["A", "B"]), "sensor.renamed_pv_power")).toEqual({
      config: { type: "custom:alphaess-live-card", device: "device-B" },
    });
  });

  test("starts with an empty configuration or the first of several inverters", () => {
    expect(LiveCard.getStubConfig(createHass(["A"]))).toEqual({});
    expect(StatusCard.getStubConfig(createHass([]))).toEqual({});
    expect(LiveCard.getStubConfig(createHass(["B", "A"]))).toEqual({ device: "device-A" });
  });
});

describe("the editor", () => {
  test("has a field with a label for each option", () => {
    const { schema, computeLabel } = LiveCard.getConfigForm();
    expect(schema.map(({ name }) => name)).toEqual([
      "device",
      "title",
      "show_faults",
      "show_flow",
      "show_battery",
      "show_today",
      "show_dispatch",
      "show_control",
      "show_debug",
    ]);
    expect(schema.every((field) => computeLabel(field) !== undefined)).toBe(true);
    expect(schema[0]?.selector).toEqual({ device: { filter: [{ integration: "alphaess_live" }] } });
  });

  test("of the status card has only the options that it uses", () => {
    expect(StatusCard.getConfigForm().schema.map(({ name }) => name)).toEqual([
      "device",
      "title",
      "show_faults",
      "show_debug",
    ]);
  });
});

test("loading the bundle twice keeps the first definitions", async () => {
  vi.resetModules();
  await import("../src/main");
  expect(customElements.get("alphaess-live-card")).toBe(LiveCard);
  expect(window.customCards).toHaveLength(2);
});

test("both cards have grid options for sections", () => {
  expect([new LiveCard(), new StatusCard()].map((card) => card.getGridOptions())).toEqual([
    { columns: 12, rows: "auto", min_columns: 6 },
    { columns: 12, rows: "auto", min_columns: 6 },
  ]);
});
