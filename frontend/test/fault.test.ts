// Faults and warnings: parsed from the faults sensor, and displayed by the cards.
import { beforeEach, describe, expect, test, vi } from "vitest";
import "../src/main";
import { FaultElement } from "../src/elements/fault";
import { FaultMemo, parseFault, type Fault } from "../src/fault";
import type { EntityState, Hass } from "../src/ha";
import { LiveCard } from "../src/live-card";
import { ACTION, type Action } from "../src/view";
import { createHass, createView } from "./samples";
import { useScriptedSockets } from "./scripted-socket";

const SINCE = new Date(2026, 5, 21, 10, 31);

function sensor(fault_count: number, warning_count: number, everyday_count = 0): EntityState {
  const activeFault = (severity: string): Readonly<Record<string, string>> => ({
    code: "grid_meter_lost",
    severity,
    text: "Grid meter lost",
    since: SINCE.toISOString(),
  });
  const active = [
    ...Array.from({ length: fault_count }, () => activeFault("fault")),
    ...Array.from({ length: warning_count }, () => activeFault("warning")),
  ];
  const attributes = { active: active.slice(0, 20), fault_count, warning_count, everyday_count };
  return { state: active.length > 0 ? "grid_meter_lost" : "none", attributes };
}

describe("parseFault", () => {
  test("gives the most serious fault and the number of others", () => {
    expect(parseFault(sensor(1, 2), undefined)).toEqual({
      text: "Grid meter lost",
      severity: "fault",
      since: SINCE.getTime(),
      otherCount: 2,
    });
    expect(parseFault(sensor(0, 1), undefined)).toMatchObject({ severity: "warning", otherCount: 0 });
    expect(parseFault(sensor(21, 9), undefined)?.otherCount).toBe(29);
  });

  test("does not count routine warnings", () => {
    expect(parseFault(sensor(1, 2, 2), undefined)?.otherCount).toBe(0);
    expect(parseFault(sensor(0, 4, 1), undefined)?.otherCount).toBe(2);
  });

  test("gives the text in the user's language", () => {
    const german = (entity: EntityState): string => `de:${entity.state}`;
    expect(parseFault(sensor(1, 0), german)?.text).toBe("de:grid_meter_lost");
  });

  test.each([
    ["no sensor", undefined],
    ["no active fault", sensor(0, 0)],
    ["a routine warning only", { ...sensor(0, 1, 1), state: "none" }],
    ["an unavailable sensor", { state: "unavailable", attributes: {} }],
    ["attributes of another shape", { state: "x", attributes: { active: "x" } }],
  ])("gives no fault for %s", (_, entity) => {
    expect(parseFault(entity, undefined)).toBeNull();
  });

  test("FaultMemo parses again only when the sensor or the translations change", () => {
    const memo = new FaultMemo();
    const entity = sensor(1, 0);
    expect(memo.update(entity, undefined)).toBe(true);
    expect(memo.update(entity, undefined)).toBe(false);
    expect(memo.update(entity, () => "Zähler verloren")).toBe(true);
    expect(memo.fault?.text).toBe("Zähler verloren");
  });
});

async function render(fault: Fault | null): Promise<FaultElement> {
  const element = new FaultElement();
  element.view = createView({ fault });
  document.body.append(element);
  await element.updateComplete;
  return element;
}

describe("the fault element", () => {
  const fault: Fault = { text: "Grid meter lost", severity: "fault", since: Date.now(), otherCount: 2 };
  const textOf = (element: FaultElement): string =>
    element.renderRoot.querySelector(".description")?.textContent.replace(/\s+/g, " ").trim() ?? "";

  test("shows the text, the time and the number of others", async () => {
    expect(textOf(await render(fault))).toMatch(/^Grid meter lost Fault since \d\d:\d\d, and 2 more$/);
    expect(textOf(await render({ ...fault, severity: "warning", since: null, otherCount: 0 }))).toBe(
      "Grid meter lost Warning",
    );
  });

  test("opens more-info of the faults sensor when it is clicked", async () => {
    const element = await render(fault);
    const actions: Action[] = [];
    element.addEventListener(ACTION, ({ detail }) => actions.push(detail));
    element.renderRoot.querySelector<HTMLElement>("button")?.click();
    expect(actions).toEqual([{ type: "more-info", entityKey: "faults" }]);
  });

  test("keeps its live region for screen readers without a fault", async () => {
    const element = await render(null);
    expect(element.hasAttribute("empty")).toBe(true);
    const region = element.renderRoot.querySelector('[role="status"]');
    expect(region?.textContent.trim()).toBe("");
    element.view = createView({ fault: fault });
    await element.updateComplete;
    expect(element.hasAttribute("empty")).toBe(false);
    expect(element.renderRoot.querySelector('[role="status"]')).toBe(region);
  });
});

describe("the live card", () => {
  beforeEach(useScriptedSockets);

  test("shows a fault while the sensor reports one", async () => {
    const card = new LiveCard();
    const hass = createHass(["AL-faulty"]);
    const setFaults = async (faults: EntityState): Promise<string> => {
      const next: Hass = { ...hass, states: { "sensor.renamed_faults": faults } };
      card.hass = next;
      await vi.waitFor(() => card.updateComplete);
      const element = card.renderRoot.querySelector("alphaess-live-fault");
      await (element as FaultElement).updateComplete;
      return element?.shadowRoot?.textContent.trim() ?? "";
    };
    card.setConfig({});
    card.hass = hass;
    document.body.append(card);
    await card.updateComplete;
    expect(await setFaults(sensor(1, 0))).toContain("Grid meter lost");
    expect(await setFaults(sensor(0, 0))).toBe("");
    card.remove();
  });
});
