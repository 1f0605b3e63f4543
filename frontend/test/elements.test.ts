// What each element displays of a view.
import { beforeEach, describe, expect, test, vi } from "vitest";
import "../src/main";
import { BannerElement } from "../src/elements/banner";
import { BatteryElement } from "../src/elements/battery";
import { FlowElement } from "../src/elements/flow";
import { TodayElement } from "../src/elements/today";
import { distributePower } from "../src/power-flow";
import { DEFAULT_EQUIPMENT } from "../src/rest-parsers";
import { recordAnimations } from "./animations";
import { click, render, textOf } from "./rendered";
import { CHARGE, createView, NOON, POWER } from "./samples";

let startedAnimations: Animation[] = [];

beforeEach(() => {
  startedAnimations = recordAnimations();
});

describe("the banner", () => {
  test("shows the live state and the age of the values", async () => {
    const banner = await render(new BannerElement(), { measuredAt: Date.now() - 3200 });
    expect(banner.renderRoot.textContent).toContain("LIVE");
    expect(banner.renderRoot.querySelector(".age")?.textContent).toBe("3 s ago");
  });

  test("updates the age each second without a redraw", async () => {
    vi.useFakeTimers({ now: NOON });
    const banner = new BannerElement();
    void render(banner, { measuredAt: NOON });
    await vi.advanceTimersByTimeAsync(2000);
    const renderSpy = vi.spyOn(banner, "requestUpdate");
    await vi.advanceTimersByTimeAsync(2000);
    expect(banner.renderRoot.querySelector(".age")?.textContent).toBe("4 s ago");
    expect(renderSpy).not.toHaveBeenCalled();
    vi.useRealTimers();
  });

  test.each([
    ["disconnected", "DISCONNECTED", "The inverter does not answer. It may be switched off", "refresh"],
    ["feed_lost", "FEED LOST", "No connection to Home Assistant.", "refresh"],
    ["paused", "PAUSED", "", "resume"],
    ["live", "LIVE", "", "pause"],
  ] as const)("shows the state %s, its cause and its action", async (state, stateText, cause, action) => {
    const banner = await render(new BannerElement(), {
      state,
      linkError: { kind: "timeout", message: null },
    });
    expect(banner.renderRoot.querySelector(".state")?.textContent.trim()).toBe(stateText);
    expect(banner.renderRoot.querySelector("p")?.textContent ?? "").toContain(cause);
    expect(click(banner, ".action")).toEqual([{ type: action }]);
  });

  test("keeps the meaning of a button when the state changes during a click", async () => {
    const banner = await render(new BannerElement(), { state: "disconnected" });
    const retry = banner.renderRoot.querySelector<HTMLElement>(".action");
    await render(banner, { state: "live" });
    expect(banner.renderRoot.querySelector(".action")).not.toBe(retry);
    expect(retry?.isConnected).toBe(true);
    expect(retry?.dataset["action"]).toBe("refresh");
  });

  test("opens more-info of the connection when the state is clicked", async () => {
    expect(click(await render(new BannerElement()), ".state")).toEqual([
      { type: "more-info", entityKey: "modbus" },
    ]);
  });

  test("shows a general text for a loss without a known cause", async () => {
    const banner = await render(new BannerElement(), { state: "disconnected" });
    expect(banner.renderRoot.querySelector("p")?.textContent).toBe("The inverter does not answer.");
  });

  test("does not show the English error message", async () => {
    const linkError = { kind: "timeout", message: "No reply within 3 s" } as const;
    const banner = await render(new BannerElement(), { state: "disconnected", linkError });
    const { innerHTML } = banner.renderRoot as ShadowRoot;
    expect(innerHTML).toContain("The inverter does not answer.");
    expect(innerHTML).not.toContain("No reply");
  });

  test("announces the state to a screen reader but not the age", async () => {
    const banner = await render(new BannerElement());
    const region = banner.renderRoot.querySelector('[role="status"]');
    expect(region?.textContent).toContain("LIVE");
    expect(region?.querySelector(".age")?.getAttribute("aria-live")).toBe("off");
  });
});

describe("the power flow", () => {
  const activeArcs = (flow: FlowElement): number => flow.renderRoot.querySelectorAll(".line.active").length;

  test("shows all nodes and the arcs that carry power", async () => {
    const flow = await render(new FlowElement());
    const labels = [...flow.renderRoot.querySelectorAll(".node")].map((node) =>
      node.getAttribute("aria-label"),
    );
    expect(labels).toEqual([
      "Solar: 6.24 kW",
      "Grid, Export: 1.48 kW",
      "Home: 1.64 kW",
      "Battery, 78%: 3.12 kW",
    ]);
    expect(activeArcs(flow)).toBe(3);
  });

  test("opens more-info of the clicked node", async () => {
    const flow = await render(new FlowElement());
    expect(click(flow, ".node.home")).toEqual([{ type: "more-info", entityKey: "load_power" }]);
  });

  test("animates two dots for each arc with power, and none for noise", async () => {
    await render(new FlowElement());
    expect(startedAnimations).toHaveLength(6);
    const noise = { soc: 50, battery: 0, pv: 8, grid: 0, load: 8 };
    const flow = await render(new FlowElement(), { power: noise, flows: distributePower(noise) });
    expect(activeArcs(flow)).toBe(0);
    expect(startedAnimations).toHaveLength(6);
  });

  test("animates new values only after the previous animation has ended", async () => {
    const flow = await render(new FlowElement());
    const setNewValues = async (): Promise<void> => {
      const power = { ...POWER, pv: 6250, load: 1650 };
      flow.view = createView({ power, flows: distributePower(power) });
      await flow.updateComplete;
    };
    await setNewValues();
    expect(startedAnimations).toHaveLength(6);
    for (const animation of startedAnimations) Object.assign(animation, { playState: "finished" });
    await setNewValues();
    expect(startedAnimations).toHaveLength(12);
    flow.view = createView({
      power: flow.view?.power ?? null,
      equipment: { ...DEFAULT_EQUIPMENT, capacityKwh: 5 },
    });
    await flow.updateComplete;
    expect(startedAnimations).toHaveLength(12);
  });

  test("places the dots along the arcs between animations", async () => {
    const flow = await render(new FlowElement());
    const dots = [...flow.renderRoot.querySelectorAll<HTMLElement>(".dot.solar")];
    expect(new Set(dots.map(({ style }) => style.transform)).size).toBe(6);
    expect(dots.every(({ style }) => style.opacity === "1")).toBe(true);
    flow.view = createView({ mayAnimate: false });
    await flow.updateComplete;
    expect(dots.some(({ style }) => style.opacity === "1")).toBe(false);
  });

  test.each([
    ["the values are not live", { mayAnimate: false, state: "disconnected" as const }],
    ["the card is not visible", { mayAnimate: false }],
  ])("stops its animations when %s", async (_, parts) => {
    const flow = await render(new FlowElement());
    flow.view = createView(parts);
    await flow.updateComplete;
    expect(startedAnimations.every(({ cancel }) => vi.mocked(cancel).mock.calls.length === 1)).toBe(true);
    expect(flow.hasAttribute("static")).toBe(true);
  });

  test("shows arrows instead of animations with reduced motion", async () => {
    vi.spyOn(window, "matchMedia").mockReturnValue(
      Object.assign(new EventTarget(), { matches: true }) as MediaQueryList,
    );
    const flow = await render(new FlowElement());
    expect(startedAnimations).toHaveLength(0);
    expect(flow.renderRoot.querySelectorAll(".arrow")).toHaveLength(3);
  });

  test("stops its animations when it is removed from the page", async () => {
    const flow = await render(new FlowElement());
    flow.remove();
    expect(startedAnimations.every(({ cancel }) => vi.mocked(cancel).mock.calls.length === 1)).toBe(true);
  });

  test("shows the time of values that are not current", async () => {
    const flow = await render(new FlowElement(), {
      state: "disconnected",
      mayAnimate: false,
      measuredAt: Date.now(),
    });
    expect(flow.renderRoot.querySelector(".as-of")?.textContent).toMatch(/^as of \d/);
  });

  test.each([
    ["solar power", { ...DEFAULT_EQUIPMENT, solar: false }, ".node.solar"],
    ["a battery", { ...DEFAULT_EQUIPMENT, battery: false }, ".node.battery"],
  ])("leaves out the node of a house without %s", async (_, equipment, selector) => {
    const flow = await render(new FlowElement(), { equipment });
    expect(flow.renderRoot.querySelector(selector)).toBeNull();
    expect(flow.renderRoot.querySelectorAll(".node")).toHaveLength(3);
  });

  test("shows dashes before the first values", async () => {
    const flow = await render(new FlowElement(), {
      power: null,
      state: "connecting",
      mayAnimate: false,
      measuredAt: null,
    });
    expect(textOf(flow)).toContain("–");
  });
});

describe("the battery", () => {
  const equipment = { ...DEFAULT_EQUIPMENT, capacityKwh: 10 };

  test("shows state of charge, power, direction and forecast", async () => {
    expect(textOf(await render(new BatteryElement(), { equipment }))).toBe(
      "Battery | Charging · 3.12 kW | full in about 40 min",
    );
    const evening = { soc: 50, battery: 2000, pv: 0, grid: 0, load: 2000 };
    expect(textOf(await render(new BatteryElement(), { equipment, power: evening }))).toContain(
      "Discharging · 2.00 kW | empty in about 2 h 30 min",
    );
  });

  test("shows an idle battery and missing values without a forecast", async () => {
    expect(textOf(await render(new BatteryElement(), { equipment, power: { ...POWER, battery: 5 } }))).toBe(
      "Battery | Idle",
    );
    expect(
      textOf(await render(new BatteryElement(), { power: { ...POWER, battery: null, soc: null } })),
    ).toBe("Battery | –");
  });

  test("shows the time instead of a forecast for values that are not current", async () => {
    expect(textOf(await render(new BatteryElement(), { equipment, state: "feed_lost" }))).toMatch(/as of \d/);
  });

  test("marks the target of a dispatch", async () => {
    const battery = await render(new BatteryElement(), { dispatch: CHARGE });
    expect(battery.renderRoot.querySelector(".target")?.getAttribute("style")).toBe("left:90%");
  });
});

describe("the battery forecast", () => {
  const forecastEquipment = { ...DEFAULT_EQUIPMENT, capacityKwh: 10 };
  const evening = { soc: 50, battery: 2000, pv: 0, grid: 0, load: 2000 };
  const inHours = (hours: number): number => Date.now() + hours * 3_600_000;

  test.each([
    ["a charge to 90 %", POWER, CHARGE, "90% in about 25 min"],
    ["a charge to 100 %", POWER, { ...CHARGE, targetSoc: 100 }, "full in about 40 min"],
    [
      "a discharge to 20 %",
      evening,
      { ...CHARGE, kind: "discharge", targetSoc: 20 },
      "20% in about 1 h 30 min",
    ],
    ["a charge without a target", POWER, { ...CHARGE, targetSoc: null }, "full in about 40 min"],
    ["a charge that lasts long enough", POWER, { ...CHARGE, endsAt: inHours(0.5) }, "90% in about 25 min"],
    ["a charge that ends before", POWER, { ...CHARGE, endsAt: inHours(0.3) }, ""],
    ["a charge that has reached its target", POWER, { ...CHARGE, targetSoc: 70 }, ""],
    ["a charge that has not begun", evening, CHARGE, ""],
    ["a hold", evening, { ...CHARGE, kind: "hold" }, ""],
  ] as const)("shows the end of %s if it is known", async (_, power, dispatch, end) => {
    const battery = new BatteryElement();
    battery.view = createView({ equipment: forecastEquipment, power, dispatch });
    document.body.append(battery);
    await battery.updateComplete;
    expect(battery.renderRoot.querySelector(".power .secondary")?.textContent).toBe(end);
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

  test("shows six energies and the self-sufficiency", async () => {
    const element = await render(new TodayElement(), { today });
    expect(element.renderRoot.querySelectorAll("dd")).toHaveLength(6);
    expect(textOf(element)).toContain("82% self-sufficient");
  });

  test("leaves out energies of missing equipment", async () => {
    const element = await render(new TodayElement(), {
      today,
      equipment: { solar: false, battery: false, capacityKwh: null },
    });
    const labels = [...element.renderRoot.querySelectorAll("dt")].map((dt) => dt.textContent.trim());
    expect(labels).toEqual(["Imported", "Exported", "Home"]);
  });

  test("is hidden without energies", () => {
    expect(TodayElement.hasContent(createView())).toBe(false);
  });
});

test("an element is not rendered again for fields that it does not use", async () => {
  const battery = await render(new BatteryElement(), { measuredAt: 1 });
  const view = battery.view ?? createView();
  const renderSpy = vi.spyOn(battery as unknown as { render: () => unknown }, "render");
  battery.view = { ...view, measuredAt: 2, debug: "x" };
  await battery.updateComplete;
  expect(renderSpy).not.toHaveBeenCalled();
  battery.view = { ...view, power: { ...POWER, soc: 79 } };
  await battery.updateComplete;
  expect(renderSpy).toHaveBeenCalledOnce();
});
