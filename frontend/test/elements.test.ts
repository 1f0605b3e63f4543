// What each element shows of a view, and what it leaves out.
import { beforeEach, describe, expect, test, vi } from "vitest";
import "../src/main";
import { balance } from "../src/balance";
import { Banner } from "../src/elements/banner";
import { Battery } from "../src/elements/battery";
import { DispatchElement } from "../src/elements/dispatch";
import type { ViewElement } from "../src/elements/element";
import { FlowElement } from "../src/elements/flow";
import { Today } from "../src/elements/today";
import { USUAL, type Dispatch } from "../src/facts";
import { ACTION, type Action, type View } from "../src/view";
import { recordAnimations } from "./animations";
import { NOON, POWER, viewOf } from "./samples";

let started: Animation[] = [];

beforeEach(() => {
  started = recordAnimations();
});

async function show<Shown extends ViewElement>(element: Shown, parts: Partial<View> = {}): Promise<Shown> {
  element.view = viewOf(parts);
  document.body.append(element);
  await element.updateComplete;
  return element;
}

function textOf(element: ViewElement): string {
  const texts = [...element.renderRoot.querySelectorAll("*:not(style)")].filter(
    (each) => each.children.length === 0,
  );
  return texts
    .map((each) => each.textContent.trim())
    .filter(Boolean)
    .join(" | ");
}

function press(element: ViewElement, selector: string): readonly Action[] {
  const actions: Action[] = [];
  element.addEventListener(ACTION, ({ detail }) => actions.push(detail));
  element.renderRoot.querySelector<HTMLElement>(selector)?.click();
  return actions;
}

describe("the banner", () => {
  test("says in a word that the values are live, and how old they are", async () => {
    const banner = await show(new Banner(), { measuredAt: Date.now() - 3200 });
    expect(banner.renderRoot.textContent).toContain("LIVE");
    expect(banner.renderRoot.querySelector(".age")?.textContent).toBe("3 s ago");
  });

  test("counts the age each second without drawing anything else", async () => {
    vi.useFakeTimers({ now: NOON });
    const banner = new Banner();
    void show(banner, { measuredAt: NOON });
    await vi.advanceTimersByTimeAsync(2000);
    const drawn = vi.spyOn(banner, "requestUpdate");
    await vi.advanceTimersByTimeAsync(2000);
    expect(banner.renderRoot.querySelector(".age")?.textContent).toBe("4 s ago");
    expect(drawn).not.toHaveBeenCalled();
    vi.useRealTimers();
  });

  test.each([
    ["disconnected", "DISCONNECTED", "The inverter does not answer. It may be switched off", "refresh"],
    ["feed_lost", "FEED LOST", "No connection to Home Assistant.", "refresh"],
    ["paused", "PAUSED", "", "resume"],
    ["live", "LIVE", "", "pause"],
  ] as const)("names %s, its cause and what can be done", async (state, word, cause, action) => {
    const banner = await show(new Banner(), { state, trouble: { kind: "timeout", message: null } });
    expect(banner.renderRoot.querySelector(".state")?.textContent.trim()).toBe(word);
    expect(banner.renderRoot.querySelector("p")?.textContent ?? "").toContain(cause);
    expect(press(banner, ".action")).toEqual([{ do: action }]);
  });

  test("opens the history of the connection when its word is tapped", async () => {
    expect(press(await show(new Banner()), ".state")).toEqual([{ do: "look", at: "modbus" }]);
  });

  test("explains a loss without a known cause too", async () => {
    const banner = await show(new Banner(), { state: "disconnected" });
    expect(banner.renderRoot.querySelector("p")?.textContent).toBe("The inverter does not answer.");
  });

  test("keeps the English of a log to itself", async () => {
    const trouble = { kind: "timeout", message: "No reply within 3 s" } as const;
    const banner = await show(new Banner(), { state: "disconnected", trouble });
    const { innerHTML } = banner.renderRoot as ShadowRoot;
    expect(innerHTML).toContain("The inverter does not answer.");
    expect(innerHTML).not.toContain("No reply");
  });

  test("announces the state to a screen reader, but not the age", async () => {
    const banner = await show(new Banner());
    const region = banner.renderRoot.querySelector('[role="status"]');
    expect(region?.textContent).toContain("LIVE");
    expect(region?.querySelector(".age")?.getAttribute("aria-live")).toBe("off");
  });
});

describe("the power flow", () => {
  const dots = (flow: FlowElement): number => flow.renderRoot.querySelectorAll(".line.busy").length;

  test("shows every place and the lines that carry power", async () => {
    const flow = await show(new FlowElement());
    const labels = [...flow.renderRoot.querySelectorAll(".node")].map((node) =>
      node.getAttribute("aria-label"),
    );
    expect(labels).toEqual([
      "Solar: 6.24 kW",
      "Grid, Export: 1.48 kW",
      "Home: 1.64 kW",
      "Battery, 78%: 3.12 kW",
    ]);
    expect(dots(flow)).toBe(3);
  });

  test("opens the details of what is tapped", async () => {
    const flow = await show(new FlowElement());
    expect(press(flow, ".node.home")).toEqual([{ do: "look", at: "load_power" }]);
  });

  test("moves two dots for each busy line, and none for noise", async () => {
    await show(new FlowElement());
    expect(started).toHaveLength(6);
    const quiet = { soc: 50, battery: 0, pv: 8, grid: 0, load: 8 };
    const flow = await show(new FlowElement(), { power: quiet, flows: balance(quiet) });
    expect(dots(flow)).toBe(0);
    expect(started).toHaveLength(6);
  });

  test("moves the dots on with fresh values, once they have arrived", async () => {
    const flow = await show(new FlowElement());
    const freshen = async (): Promise<void> => {
      const power = { ...POWER, pv: 6250, load: 1650 };
      flow.view = viewOf({ power, flows: balance(power) });
      await flow.updateComplete;
    };
    await freshen();
    expect(started).toHaveLength(6);
    for (const animation of started) Object.assign(animation, { playState: "finished" });
    await freshen();
    expect(started).toHaveLength(12);
    flow.view = viewOf({ power: flow.view?.power ?? null, equipment: { ...USUAL, capacity: 5 } });
    await flow.updateComplete;
    expect(started).toHaveLength(12);
  });

  test("lets the dots rest where they mark the way", async () => {
    const flow = await show(new FlowElement());
    const dots = [...flow.renderRoot.querySelectorAll<HTMLElement>(".dot.solar")];
    expect(new Set(dots.map(({ style }) => style.transform)).size).toBe(6);
    expect(dots.every(({ style }) => style.opacity === "1")).toBe(true);
    flow.view = viewOf({ moving: false });
    await flow.updateComplete;
    expect(dots.some(({ style }) => style.opacity === "1")).toBe(false);
  });

  test.each([
    ["the values are not live", { moving: false, state: "disconnected" as const }],
    ["nobody looks", { moving: false }],
  ])("stands still when %s", async (_, parts) => {
    const flow = await show(new FlowElement());
    flow.view = viewOf(parts);
    await flow.updateComplete;
    expect(started.every(({ cancel }) => vi.mocked(cancel).mock.calls.length === 1)).toBe(true);
    expect(flow.hasAttribute("still")).toBe(true);
  });

  test("stands still for who prefers reduced motion, and shows arrows instead", async () => {
    vi.spyOn(window, "matchMedia").mockReturnValue(
      Object.assign(new EventTarget(), { matches: true }) as MediaQueryList,
    );
    const flow = await show(new FlowElement());
    expect(started).toHaveLength(0);
    expect(flow.renderRoot.querySelectorAll(".arrow")).toHaveLength(3);
  });

  test("stops when it leaves the page", async () => {
    const flow = await show(new FlowElement());
    flow.remove();
    expect(started.every(({ cancel }) => vi.mocked(cancel).mock.calls.length === 1)).toBe(true);
  });

  test("marks old values with their time", async () => {
    const flow = await show(new FlowElement(), {
      state: "disconnected",
      moving: false,
      measuredAt: Date.now(),
    });
    expect(flow.renderRoot.querySelector(".as-of")?.textContent).toMatch(/^as of \d/);
  });

  test.each([
    ["a sun", { ...USUAL, solar: false }, ".node.solar"],
    ["a battery", { ...USUAL, battery: false }, ".node.battery"],
  ])("stands without %s", async (_, equipment, selector) => {
    const flow = await show(new FlowElement(), { equipment });
    expect(flow.renderRoot.querySelector(selector)).toBeNull();
    expect(flow.renderRoot.querySelectorAll(".node")).toHaveLength(3);
  });

  test("stands before the first values", async () => {
    const flow = await show(new FlowElement(), {
      power: null,
      state: "connecting",
      moving: false,
      measuredAt: null,
    });
    expect(textOf(flow)).toContain("–");
  });
});

describe("the battery", () => {
  const equipment = { ...USUAL, capacity: 10 };

  test("says how full, how fast, which way and until when", async () => {
    expect(textOf(await show(new Battery(), { equipment }))).toBe(
      "Battery | Charging · 3.12 kW | full in about 40 min",
    );
    const evening = { soc: 50, battery: 2000, pv: 0, grid: 0, load: 2000 };
    expect(textOf(await show(new Battery(), { equipment, power: evening }))).toContain(
      "Discharging · 2.00 kW | empty in about 2 h 30 min",
    );
  });

  test("says that it rests, and makes no forecast from nothing", async () => {
    expect(textOf(await show(new Battery(), { equipment, power: { ...POWER, battery: 5 } }))).toBe(
      "Battery | Idle",
    );
    expect(textOf(await show(new Battery(), { power: { ...POWER, battery: null, soc: null } }))).toBe(
      "Battery | –",
    );
  });

  test("does not forecast from old values, it dates them", async () => {
    expect(textOf(await show(new Battery(), { equipment, state: "feed_lost" }))).toMatch(/as of \d/);
  });

  test("shows how far a dispatch will take it", async () => {
    const dispatch: Dispatch = { kind: "charge", ours: true, power: 3000, targetSoc: 90, endsAt: null };
    const battery = await show(new Battery(), { dispatch });
    expect(battery.renderRoot.querySelector(".target")?.getAttribute("style")).toBe("left:90%");
  });
});

describe("today", () => {
  const today = {
    pv: 18.3,
    gridImport: 1.9,
    gridExport: 6.2,
    batteryCharge: 7.4,
    batteryDischarge: 4.1,
    load: 10.7,
  };

  test("shows six energies and the share that was the home's own", async () => {
    const element = await show(new Today(), { today });
    expect(element.renderRoot.querySelectorAll("dd")).toHaveLength(6);
    expect(textOf(element)).toContain("82% self-sufficient");
  });

  test("leaves out what the house does not have", async () => {
    const element = await show(new Today(), {
      today,
      equipment: { solar: false, battery: false, capacity: null },
    });
    const labels = [...element.renderRoot.querySelectorAll("dt")].map((dt) => dt.textContent.trim());
    expect(labels).toEqual(["Imported", "Exported", "Home"]);
  });

  test("has nothing to show while nobody knows", () => {
    expect(Today.has(viewOf())).toBe(false);
  });
});

describe("a dispatch", () => {
  const dispatch: Dispatch = {
    kind: "charge",
    ours: true,
    power: 3000,
    targetSoc: 90,
    endsAt: Date.now() + 2_490_000,
  };

  test("says what was ordered and what is left", async () => {
    const text = textOf(await show(new DispatchElement(), { dispatch }));
    expect(text).toContain("Charging at 3 kW to 90% | 41 min left");
    expect(textOf(await show(new DispatchElement(), { dispatch: { ...dispatch, kind: "hold" } }))).toContain(
      "Holding",
    );
    expect(
      textOf(await show(new DispatchElement(), { dispatch: { ...dispatch, kind: "discharge" } })),
    ).toContain("Disch");
  });

  test("is stopped only after a second yes", async () => {
    const element = await show(new DispatchElement(), { dispatch });
    expect(press(element, ".action")).toEqual([]);
    await element.updateComplete;
    expect(element.renderRoot.querySelector('[role="alert"]')?.textContent).toContain("Stop now");
    expect(press(element, ".sure")).toEqual([{ do: "stop" }]);
  });

  test("goes on when the user thinks better of it", async () => {
    const element = await show(new DispatchElement(), { dispatch });
    press(element, ".action");
    await element.updateComplete;
    expect(press(element, ".answers .action")).toEqual([]);
    await element.updateComplete;
    expect(textOf(element)).toContain("41 min left");
  });

  test("of somebody else's is shown without a way to stop it", async () => {
    const element = await show(new DispatchElement(), {
      dispatch: { ...dispatch, ours: false, endsAt: null },
    });
    expect(textOf(element)).toContain("Started by another program");
    expect(element.renderRoot.querySelector(".action")).toBeNull();
  });

  test("that could not be stopped says why", async () => {
    const element = await show(new DispatchElement(), { dispatch, stopFailure: "stop_foreign" });
    expect(textOf(element)).toContain("It could not be stopped: Another program controls the battery now.");
  });
});

test("an element is not drawn again for what it does not show", async () => {
  const battery = await show(new Battery(), { measuredAt: 1 });
  const view = battery.view ?? viewOf();
  const drawn = vi.spyOn(battery as unknown as { render: () => unknown }, "render");
  battery.view = { ...view, measuredAt: 2, debug: "x" };
  await battery.updateComplete;
  expect(drawn).not.toHaveBeenCalled();
  battery.view = { ...view, power: { ...POWER, soc: 79 } };
  await battery.updateComplete;
  expect(drawn).toHaveBeenCalledOnce();
});
