// What Home Assistant's card picker and editor get to know.
import { describe, expect, test, vi } from "vitest";
import "../src/main";
import { LiveCard } from "../src/card";
import { StatusCard } from "../src/status-card";
import { hassOf } from "./samples";

describe("the card picker", () => {
  test("knows both cards, with a preview and a page to read", () => {
    expect(window.customCards?.map(({ type, preview }) => [type, preview])).toEqual([
      ["alphaess-live-card", true],
      ["alphaess-live-status-card", true],
    ]);
    expect(window.customCards?.every(({ documentationURL }) => documentationURL.startsWith("https://"))).toBe(
      true,
    );
  });

  test("suggests them for our entities only, and names the inverter where there are several", () => {
    const suggest = window.customCards?.[0]?.getEntitySuggestion;
    const one = hassOf(["A"]);
    expect(suggest?.(one, "sensor.renamed_pv_power")).toEqual({
      config: { type: "custom:alphaess-live-card" },
    });
    expect(suggest?.(one, "light.kitchen")).toBeNull();
    expect(suggest?.(hassOf(["A", "B"]), "sensor.renamed_pv_power")).toEqual({
      config: { type: "custom:alphaess-live-card", device: "device-B" },
    });
  });

  test("starts with no configuration, or with the first of several inverters", () => {
    expect(LiveCard.getStubConfig(hassOf(["A"]))).toEqual({});
    expect(StatusCard.getStubConfig(hassOf([]))).toEqual({});
    expect(LiveCard.getStubConfig(hassOf(["B", "A"]))).toEqual({ device: "device-A" });
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
      "show_debug",
    ]);
    expect(schema.every((field) => computeLabel(field) !== undefined)).toBe(true);
    expect(schema[0]?.selector).toEqual({ device: { filter: [{ integration: "alphaess_live" }] } });
  });

  test("of the status card has no field that would do nothing", () => {
    expect(StatusCard.getConfigForm().schema.map(({ name }) => name)).toEqual([
      "device",
      "title",
      "show_faults",
      "show_debug",
    ]);
  });
});

test("a second copy of the bundle changes nothing and breaks nothing", async () => {
  vi.resetModules();
  await import("../src/main");
  expect(customElements.get("alphaess-live-card")).toBe(LiveCard);
  expect(window.customCards).toHaveLength(2);
});

test("both cards fit a dashboard of sections", () => {
  expect([new LiveCard(), new StatusCard()].map((card) => card.getGridOptions())).toEqual([
    { columns: 12, rows: "auto", min_columns: 6 },
    { columns: 12, rows: "auto", min_columns: 6 },
  ]);
});
