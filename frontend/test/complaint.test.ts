// What the cards tell of faults and warnings: read from the sensor of all faults, and drawn.
import { beforeEach, describe, expect, test, vi } from "vitest";
import "../src/main";
import { LiveCard } from "../src/card";
import { complaintOf, Hearing, type Complaint } from "../src/complaint";
import { ComplaintElement } from "../src/elements/complaint";
import type { EntityState, Hass } from "../src/ha";
import { ACTION, type Action } from "../src/view";
import { hassOf, viewOf } from "./samples";
import { useScriptedSockets } from "./scripted-socket";

const SINCE = new Date(2026, 5, 21, 10, 31);

function sensor(fault_count: number, warning_count: number, everyday_count = 0): EntityState {
  const told = (severity: string): Readonly<Record<string, string>> => ({
    code: "grid_meter_lost",
    severity,
    text: "Grid meter lost",
    since: SINCE.toISOString(),
  });
  const active = [
    ...Array.from({ length: fault_count }, () => told("fault")),
    ...Array.from({ length: warning_count }, () => told("warning")),
  ];
  const attributes = { active: active.slice(0, 20), fault_count, warning_count, everyday_count };
  return { state: active.length > 0 ? "grid_meter_lost" : "none", attributes };
}

describe("the sensor of all faults", () => {
  test("names the most serious one, and tells how many others there are", () => {
    expect(complaintOf(sensor(1, 2), undefined)).toEqual({
      text: "Grid meter lost",
      severity: "fault",
      since: SINCE.getTime(),
      others: 2,
    });
    expect(complaintOf(sensor(0, 1), undefined)).toMatchObject({ severity: "warning", others: 0 });
    expect(complaintOf(sensor(21, 9), undefined)?.others).toBe(29);
  });

  test("does not count what belongs to an ordinary day", () => {
    expect(complaintOf(sensor(1, 2, 2), undefined)?.others).toBe(0);
    expect(complaintOf(sensor(0, 4, 1), undefined)?.others).toBe(2);
  });

  test("is read in the language of the user", () => {
    const german = (entity: EntityState): string => `de:${entity.state}`;
    expect(complaintOf(sensor(1, 0), german)?.text).toBe("de:grid_meter_lost");
  });

  test.each([
    ["no sensor", undefined],
    ["nothing to complain about", sensor(0, 0)],
    ["what belongs to an ordinary night", { ...sensor(0, 1, 1), state: "none" }],
    ["an inverter that is away", { state: "unavailable", attributes: {} }],
    ["attributes of another shape", { state: "x", attributes: { active: "x" } }],
  ])("tells nothing with %s", (_, entity) => {
    expect(complaintOf(entity, undefined)).toBeNull();
  });

  test("is read once, and again when more of the language is loaded", () => {
    const hearing = new Hearing();
    const entity = sensor(1, 0);
    expect(hearing.hear(entity, undefined)).toBe(true);
    expect(hearing.hear(entity, undefined)).toBe(false);
    expect(hearing.hear(entity, () => "Zähler verloren")).toBe(true);
    expect(hearing.told?.text).toBe("Zähler verloren");
  });
});

async function show(complaint: Complaint | null): Promise<ComplaintElement> {
  const element = new ComplaintElement();
  element.view = viewOf({ complaint });
  document.body.append(element);
  await element.updateComplete;
  return element;
}

describe("a complaint", () => {
  const fault: Complaint = { text: "Grid meter lost", severity: "fault", since: Date.now(), others: 2 };
  const words = (element: ComplaintElement): string =>
    element.renderRoot.querySelector(".what")?.textContent.replace(/\s+/g, " ").trim() ?? "";

  test("is told in words, with its time and the number of others", async () => {
    expect(words(await show(fault))).toMatch(/^Grid meter lost Fault since \d\d:\d\d, and 2 more$/);
    expect(words(await show({ ...fault, severity: "warning", since: null, others: 0 }))).toBe(
      "Grid meter lost Warning",
    );
  });

  test("opens the list of all when it is tapped", async () => {
    const element = await show(fault);
    const actions: Action[] = [];
    element.addEventListener(ACTION, ({ detail }) => actions.push(detail));
    element.renderRoot.querySelector<HTMLElement>("button")?.click();
    expect(actions).toEqual([{ do: "look", at: "faults" }]);
  });

  test("that is none takes no room, but keeps the region that a screen reader knows", async () => {
    const element = await show(null);
    expect(element.hasAttribute("quiet")).toBe(true);
    const region = element.renderRoot.querySelector('[role="status"]');
    expect(region?.textContent.trim()).toBe("");
    element.view = viewOf({ complaint: fault });
    await element.updateComplete;
    expect(element.hasAttribute("quiet")).toBe(false);
    expect(element.renderRoot.querySelector('[role="status"]')).toBe(region);
  });
});

describe("the card", () => {
  beforeEach(useScriptedSockets);

  test("tells of a fault as soon as Home Assistant does, and of its end", async () => {
    const card = new LiveCard();
    const hass = hassOf(["AL-faulty"]);
    const tell = async (faults: EntityState): Promise<string> => {
      const next: Hass = { ...hass, states: { "sensor.renamed_faults": faults } };
      card.hass = next;
      await vi.waitFor(() => card.updateComplete);
      const element = card.renderRoot.querySelector("alphaess-live-complaint");
      await (element as ComplaintElement).updateComplete;
      return element?.shadowRoot?.textContent.trim() ?? "";
    };
    card.setConfig({});
    card.hass = hass;
    document.body.append(card);
    await card.updateComplete;
    expect(await tell(sensor(1, 0))).toContain("Grid meter lost");
    expect(await tell(sensor(0, 0))).toBe("");
    card.remove();
  });
});
