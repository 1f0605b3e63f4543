// The elements that show and give orders: the running dispatch, the buttons that hold the battery.
import { describe, expect, test } from "vitest";
import { ControlElement } from "../src/elements/control";
import { DispatchElement } from "../src/elements/dispatch";
import type { Dispatch, HoldBlock } from "../src/rest-parsers";
import type { Action, View } from "../src/view";
import { click, render, textOf } from "./rendered";
import { CHARGE, createView } from "./samples";

describe("the dispatch", () => {
  const dispatch: Dispatch = { ...CHARGE, endsAt: Date.now() + 2_490_000 };

  test("shows its order and the remaining time", async () => {
    const text = textOf(await render(new DispatchElement(), { dispatch }));
    expect(text).toContain("Charging at 3 kW to 90% | 41 min left");
    expect(
      textOf(await render(new DispatchElement(), { dispatch: { ...dispatch, kind: "hold" } })),
    ).toContain("Holding");
    expect(
      textOf(await render(new DispatchElement(), { dispatch: { ...dispatch, kind: "discharge" } })),
    ).toContain("Disch");
    expect(
      textOf(await render(new DispatchElement(), { dispatch: { ...dispatch, atTarget: true } })),
    ).toContain("Holding at its target of 90%");
  });

  test("is stopped only after a confirmation", async () => {
    const element = await render(new DispatchElement(), { dispatch });
    expect(click(element, ".action")).toEqual([]);
    await element.updateComplete;
    expect(element.renderRoot.querySelector('[role="alert"]')?.textContent).toContain("Stop now");
    expect(click(element, ".confirm")).toEqual([{ type: "stop" }]);
  });

  test("keeps running when the confirmation is cancelled", async () => {
    const element = await render(new DispatchElement(), { dispatch });
    click(element, ".action");
    await element.updateComplete;
    expect(click(element, ".choices .action")).toEqual([]);
    await element.updateComplete;
    expect(textOf(element)).toContain("41 min left");
  });

  test("of another program has no stop button", async () => {
    const element = await render(new DispatchElement(), {
      dispatch: { ...dispatch, isOurs: false, endsAt: null },
    });
    expect(textOf(element)).toContain("Started by another program");
    expect(element.renderRoot.querySelector(".action")).toBeNull();
  });

  test("shows why it could not be stopped", async () => {
    const orderFailure = { order: "stop", reason: "stop_foreign" } as const;
    const element = await render(new DispatchElement(), { dispatch, orderFailure });
    expect(textOf(element)).toContain("Stopping failed: Another program controls the battery now.");
  });

  test.each([
    [0, "Holding the grid at 0 W"],
    [500, "Holding 500 W of grid import"],
    [-2000, "Holding 2 kW of grid export"],
  ])("names a grid target of %d W", async (watts, text) => {
    const target = { ...dispatch, kind: "grid" as const, watts };
    expect(textOf(await render(new DispatchElement(), { dispatch: target }))).toContain(text);
  });

  test("names what a hold blocks", async () => {
    const hold = { ...dispatch, kind: "hold" as const };
    const shown = async (block: HoldBlock): Promise<string> =>
      textOf(await render(new DispatchElement(), { dispatch: { ...hold, block } }));
    expect(await shown("both")).toContain("Holding the battery");
    expect(await shown("discharge")).toContain("Not discharging the battery");
    expect(await shown("charge")).toContain("Not charging the battery");
  });
});

describe("the buttons that hold the battery", () => {
  const press = (element: ControlElement, text: string): readonly Action[] => {
    const buttons = [...element.renderRoot.querySelectorAll<HTMLElement>("button")];
    const button = buttons.find(({ textContent }) => textContent.trim() === text);
    if (button === undefined) throw new Error(`no button ${text}`);
    button.dataset["pressed"] = "";
    return click(element, "[data-pressed]");
  };

  test.each([
    ["Hold", "both"],
    ["Do not discharge", "discharge"],
    ["Do not charge", "charge"],
  ])("%s asks for how long, then orders", async (label, block) => {
    const element = await render(new ControlElement());
    expect(press(element, label)).toEqual([]);
    await element.updateComplete;
    expect(textOf(element)).toContain(`${label}: for how long?`);
    expect(press(element, "4 h")).toEqual([{ type: "hold", block, hours: 4 }]);
    await element.updateComplete;
    expect(textOf(element)).not.toContain("how long");
  });

  test("order nothing when cancelled", async () => {
    const element = await render(new ControlElement());
    press(element, "Hold");
    await element.updateComplete;
    expect(press(element, "Cancel")).toEqual([]);
    await element.updateComplete;
    expect(textOf(element)).toContain("Do not discharge");
  });

  test("mark our running hold only", async () => {
    const hold: Dispatch = { ...CHARGE, kind: "hold", block: "discharge", endsAt: null };
    const pressed = async (dispatch: Dispatch): Promise<readonly string[]> => {
      const element = await render(new ControlElement(), { dispatch });
      const marked = element.renderRoot.querySelectorAll('[aria-pressed="true"]');
      return [...marked].map(({ textContent }) => textContent.trim());
    };
    expect(await pressed(hold)).toEqual(["Do not discharge"]);
    expect(await pressed({ ...hold, isOurs: false })).toEqual([]);
    expect(await pressed(CHARGE)).toEqual([]);
  });

  test("show why an order failed", async () => {
    const orderFailure = { order: "hold", reason: "stop_foreign" } as const;
    const text = textOf(await render(new ControlElement(), { orderFailure }));
    expect(text).toContain("The order failed: Another program controls the battery now.");
    expect(DispatchElement.hasContent(createView({ orderFailure }))).toBe(false);
  });

  test("are shown only while the inverter answers", () => {
    const shown = (state: View["state"]): boolean => ControlElement.hasContent(createView({ state }));
    expect(shown("live") && shown("paused")).toBe(true);
    expect(shown("disconnected") || shown("feed_lost") || shown("connecting")).toBe(false);
  });
});
