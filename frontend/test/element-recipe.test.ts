// The recipe "An element of the card" of docs/house.md, carried out before the cards are loaded.
import { html, type TemplateResult } from "lit";
import { expect, test } from "vitest";
import { ELEMENTS } from "../src/elements";
import { type ElementClass, ViewElement } from "../src/elements/element";
import type { View } from "../src/view";
import { recordAnimations } from "./animations";
import { createHass, powerMessage, SERIAL, statusMessage } from "./samples";
import { ScriptedSocket, useScriptedSockets } from "./scripted-socket";

class ChargeElement extends ViewElement {
  static readonly tag = "alphaess-live-charge";

  protected readonly viewKeys = ["power"] as const;

  protected override renderView({ power }: View): TemplateResult {
    return html`<p>${power?.soc} %</p>`;
  }
}

test("an element of the list is displayed by the card", async () => {
  (ELEMENTS as ElementClass[]).push(ChargeElement);
  const [{ LiveCard }] = await Promise.all([import("../src/live-card"), import("../src/main")]);
  useScriptedSockets();
  recordAnimations();
  const card = new LiveCard();
  card.setConfig({ type: "custom:alphaess-live-card" });
  card.hass = createHass([SERIAL]);
  document.body.append(card);
  await expect.poll(() => ScriptedSocket.last).toBeDefined();
  ScriptedSocket.last.receive(statusMessage(true));
  ScriptedSocket.last.receive(powerMessage(2));
  const element = () => card.renderRoot.querySelector<ViewElement>(ChargeElement.tag);
  await expect.poll(() => element()?.renderRoot.querySelector("p")?.textContent).toBe("78 %");
});
