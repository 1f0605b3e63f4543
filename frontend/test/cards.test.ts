// Both cards on a page: inverters, configurations, connection losses, user actions.
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import "../src/main";
import type { FeedCard } from "../src/feed-card";
import type { Hass } from "../src/ha";
import { LiveCard } from "../src/live-card";
import { StatusCard } from "../src/status-card";
import { recordAnimations } from "./animations";
import { createHass, eventMessage, powerMessage, statusMessage } from "./samples";
import { ScriptedSocket, useScriptedSockets } from "./scripted-socket";

let serialCount = 0;
let requests: string[] = [];

beforeEach(() => {
  useScriptedSockets();
  recordAnimations();
  requests = [];
});

afterEach(() => {
  vi.unstubAllGlobals();
});

/** A page keeps its feeds, so each test uses another inverter. */
function newSerial(): string {
  serialCount += 1;
  return `AL${serialCount}`;
}

function recordRequests(hass: Hass): Hass {
  return {
    ...hass,
    callApi(method, path, body) {
      requests.push([method, path, ...(body ? [JSON.stringify(body)] : [])].join(" "));
      return hass.callApi(method, path);
    },
  };
}

/** Longer than the delay after which a feed without subscribers closes its socket, in ms. */
const STOP_DELAY_MS = 1100;

async function settle(card: FeedCard, wait = 30): Promise<void> {
  await new Promise((done) => setTimeout(done, wait));
  await card.updateComplete;
}

async function mount(
  card: FeedCard,
  hass: Hass,
  config: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  card.setConfig({ type: "custom:x", ...config });
  card.hass = hass;
  document.body.append(card);
  await settle(card);
}

async function mountLive(
  card: FeedCard,
  hass: Hass,
  config: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  await mount(card, hass, config);
  ScriptedSocket.last.receive(statusMessage(true));
  ScriptedSocket.last.receive(powerMessage(2));
  await settle(card);
}

const elementTags = (card: FeedCard): readonly string[] =>
  [...card.renderRoot.querySelectorAll("*")]
    .map((each) => each.localName)
    .filter((tag) => tag.startsWith("alphaess"));
const cardText = (card: FeedCard): string => card.renderRoot.textContent;

const ANSWERS = {
  "GET alphaess/system/architecture": { battery: { capacity: 10.1 }, pv: { strings: 2, acCoupled: false } },
  "GET alphaess/history/today": [
    { pv: 1, gridImport: 1, gridExport: 1, batteryCharge: 1, batteryDischarge: 1, load: 2 },
  ],
  "GET alphaess/dispatch-status": {
    active: true,
    charging: true,
    power: 3000,
    targetSoc: 90,
    remaining: 60,
    controlledBy: "alphaess_live",
  },
};

describe("the live card", () => {
  test("works without a configuration if there is one inverter", async () => {
    const card = new LiveCard();
    await mountLive(card, createHass([newSerial()], ANSWERS));
    expect(card.getAttribute("state")).toBe("live");
    expect(elementTags(card)).toEqual([
      "alphaess-live-banner",
      "alphaess-live-fault",
      "alphaess-live-flow",
      "alphaess-live-battery",
      "alphaess-live-dispatch",
      "alphaess-live-today",
    ]);
    expect(card.renderRoot.querySelector("h2")).toBeNull();
  });

  test("leaves out elements whose REST request fails", async () => {
    const card = new LiveCard();
    await mountLive(card, createHass([newSerial()]));
    expect(elementTags(card)).toEqual([
      "alphaess-live-banner",
      "alphaess-live-fault",
      "alphaess-live-flow",
      "alphaess-live-battery",
    ]);
  });

  test("shows only the configured elements", async () => {
    const card = new LiveCard();
    const hidden = {
      show_faults: false,
      show_flow: false,
      show_battery: false,
      show_today: false,
      show_dispatch: false,
      show_debug: true,
    };
    await mountLive(card, createHass([newSerial()], ANSWERS), hidden);
    expect(elementTags(card)).toEqual(["alphaess-live-banner", "alphaess-live-debug"]);
    expect(card.getCardSize()).toBe(1);
    // For troubleshooting the English error message is shown too.
    ScriptedSocket.last.receive(eventMessage("modbus_disconnected", "timeout"));
    await settle(card);
    expect(card.renderRoot.querySelector("alphaess-live-debug")?.shadowRoot?.textContent).toMatch(
      /· timeout$/,
    );
  });

  test("is disconnected after a loss and live again after the reconnect", async () => {
    const card = new LiveCard();
    await mountLive(card, createHass([newSerial()], ANSWERS));
    ScriptedSocket.last.receive(eventMessage("modbus_disconnected", "reset"));
    await settle(card);
    expect(card.getAttribute("state")).toBe("disconnected");
    expect(elementTags(card)).not.toContain("alphaess-live-dispatch");
    ScriptedSocket.last.receive(eventMessage("modbus_connected"));
    await settle(card);
    expect(card.getAttribute("state")).toBe("live");
    expect(elementTags(card)).toContain("alphaess-live-dispatch");
  });

  test("shows the name of the inverter if there are several", async () => {
    const [first, second] = [newSerial(), newSerial()];
    const card = new LiveCard();
    await mountLive(card, createHass([first, second]), { device: `device-${second}` });
    expect(card.renderRoot.querySelector("h2")?.textContent).toBe(`House ${second}`);
    expect(ScriptedSocket.all).toHaveLength(1);
  });

  test.each([
    ["no inverter", [], {}, "No AlphaESS inverter is set up yet"],
    ["an unknown inverter", ["X"], { device: "gone" }, "There is no inverter “gone”"],
    ["no device for several inverters", ["X", "Y"], {}, "House X (X), House Y (Y)"],
  ])("explains what to do if there is %s", async (_, serials, config, sentence) => {
    const card = new LiveCard();
    await mount(card, createHass(serials), config);
    expect(cardText(card)).toContain(sentence);
    expect(ScriptedSocket.all).toHaveLength(0);
  });

  test("reports configuration problems and still shows the values", async () => {
    const card = new LiveCard();
    await mountLive(card, createHass([newSerial()]), { show_flow: "yes", show_everything: true });
    expect(cardText(card)).toContain('“show_flow” must be true or false, not "yes". The default is used.');
    expect(cardText(card)).toContain("There is no option “show_everything”.");
    expect(elementTags(card)).toContain("alphaess-live-flow");
  });

  test("follows the removal and the addition of its inverter", async () => {
    const serial = newSerial();
    const card = new LiveCard();
    await mountLive(card, createHass([serial]));
    card.hass = createHass([]);
    await settle(card);
    expect(cardText(card)).toContain("No AlphaESS inverter");
    await settle(card, STOP_DELAY_MS);
    expect(ScriptedSocket.last.readyState).not.toBe(ScriptedSocket.OPEN);
    card.hass = createHass([serial]);
    await settle(card);
    expect(elementTags(card)).toContain("alphaess-live-banner");
  });

  test("changes its language with the user's language", async () => {
    const card = new LiveCard();
    const hass = createHass([]);
    await mount(card, hass);
    card.hass = { ...hass, language: "de", locale: { ...hass.locale, language: "de" } };
    await settle(card);
    expect(cardText(card)).toContain("Noch kein AlphaESS-Wechselrichter");
  });

  test("opens more-info of a renamed entity when its value is clicked", async () => {
    const card = new LiveCard();
    await mountLive(card, createHass([newSerial()]));
    const opened = new Promise((done) =>
      document.body.addEventListener("hass-more-info", done, { once: true }),
    );
    card.renderRoot
      .querySelector("alphaess-live-flow")
      ?.shadowRoot?.querySelector<HTMLElement>(".node.solar")
      ?.click();
    expect(await opened).toMatchObject({ detail: { entityId: "sensor.renamed_pv_power" } });
  });

  test("stops a dispatch, requests it again, and shows why that failed", async () => {
    const card = new LiveCard();
    await mountLive(card, recordRequests(createHass([newSerial()], ANSWERS)));
    requests = [];
    const dispatch = card.renderRoot.querySelector("alphaess-live-dispatch");
    const click = async (selector: string): Promise<void> => {
      dispatch?.shadowRoot?.querySelector<HTMLElement>(selector)?.click();
      await settle(card);
    };
    await click(".action");
    await click(".confirm");
    expect(requests.map((path) => path.split("?")[0])).toEqual([
      "POST alphaess/stop",
      "GET alphaess/dispatch-status",
    ]);
    expect(dispatch?.shadowRoot?.textContent).toContain("Stopping failed: The inverter does not answer.");
  });

  test("orders a hold for the chosen time, and requests the dispatch again", async () => {
    const card = new LiveCard();
    await mountLive(card, recordRequests(createHass([newSerial()], ANSWERS)), { show_control: true });
    expect(card.getCardSize()).toBe(13);
    requests = [];
    const buttons = card.renderRoot.querySelector("alphaess-live-control");
    const click = async (selector: string): Promise<void> => {
      buttons?.shadowRoot?.querySelector<HTMLElement>(selector)?.click();
      await settle(card);
    };
    await click(".action:nth-of-type(2)");
    await click(".hours");
    expect(requests.map((path) => path.replace(/\?serial=[^ ]*/, ""))).toEqual([
      'POST alphaess/hold {"block":"discharge","duration":3600}',
      "GET alphaess/dispatch-status",
    ]);
    expect(buttons?.shadowRoot?.textContent).toContain("The order failed: The inverter does not answer.");
  });

  test("requests the dispatch again only when its entity changes", async () => {
    const card = new LiveCard();
    const hass = recordRequests(createHass([newSerial()], ANSWERS));
    await mountLive(card, hass);
    requests = [];
    card.hass = { ...hass, states: { "sensor.other": { state: "1" } } };
    expect(requests).toEqual([]);
    card.hass = { ...hass, states: { "sensor.renamed_dispatch_status": { state: "charging" } } };
    expect(requests).toHaveLength(1);
  });

  test("reconnects at once when Home Assistant is connected again", async () => {
    const card = new LiveCard();
    const hass = createHass([newSerial()]);
    await mountLive(card, hass);
    ScriptedSocket.last.disconnect();
    card.hass = { ...hass, connected: false };
    card.hass = hass;
    await settle(card);
    expect(ScriptedSocket.all).toHaveLength(2);
  });

  test("reconnects only when the integration is loaded after a restart", async () => {
    const card = new LiveCard();
    const hass = createHass([newSerial()]);
    const during = { ...hass, states: { "sensor.renamed_modbus": { state: "unavailable" } } };
    await mountLive(card, hass);
    card.hass = { ...hass, connected: false };
    ScriptedSocket.last.disconnect();
    card.hass = during;
    await settle(card);
    expect(ScriptedSocket.all).toHaveLength(1);
    card.hass = { ...hass, states: { "sensor.renamed_modbus": { state: "on" } } };
    await settle(card);
    expect(ScriptedSocket.all).toHaveLength(2);
  });

  test("sends no request that cannot succeed", async () => {
    const card = new LiveCard();
    const hass = recordRequests(createHass([newSerial()], ANSWERS));
    await mount(card, hass);
    expect(requests).toEqual([]);
    ScriptedSocket.last.receive(statusMessage(false, "timeout"));
    await settle(card);
    expect(requests.map((path) => path.split("?")[0])).toEqual([
      "GET alphaess/system/architecture",
      "GET alphaess/history/today",
    ]);
    card.hass = { ...hass, states: { "sensor.renamed_dispatch_status": { state: "unavailable" } } };
    ScriptedSocket.last.disconnect();
    await settle(card);
    expect(requests).toHaveLength(2);
  });

  test("renders a burst of messages once", async () => {
    const card = new LiveCard();
    await mountLive(card, createHass([newSerial()]));
    const renderSpy = vi.spyOn(card as unknown as { render: () => unknown }, "render");
    for (let seq = 3; seq < 300; seq += 1) ScriptedSocket.last.receive(powerMessage(seq, seq));
    await settle(card);
    expect(renderSpy).toHaveBeenCalledOnce();
  });

  test("does not render when unrelated entities change", async () => {
    const card = new LiveCard();
    const hass = createHass([newSerial()]);
    await mountLive(card, hass);
    const renderSpy = vi.spyOn(card as unknown as { render: () => unknown }, "render");
    for (let count = 0; count < 100; count += 1)
      card.hass = { ...hass, states: { "light.x": { state: String(count) } } };
    await settle(card);
    expect(renderSpy).not.toHaveBeenCalled();
  });
});

describe("the status card", () => {
  test("shows no values and shares the socket and the pause with the live card", async () => {
    const hass = createHass([newSerial()]);
    const [card, status] = [new LiveCard(), new StatusCard()];
    await mount(status, hass);
    await mountLive(card, hass);
    expect(elementTags(status)).toEqual(["alphaess-live-banner", "alphaess-live-fault"]);
    expect(ScriptedSocket.all).toHaveLength(1);
    status.renderRoot
      .querySelector("alphaess-live-banner")
      ?.shadowRoot?.querySelector<HTMLElement>("[data-action=pause]")
      ?.click();
    await settle(card);
    expect([card.getAttribute("state"), status.getAttribute("state")]).toEqual(["paused", "paused"]);
    card.remove();
    expect(ScriptedSocket.last.readyState).toBe(ScriptedSocket.OPEN);
    status.remove();
    await settle(card, STOP_DELAY_MS);
    expect(ScriptedSocket.last.readyState).not.toBe(ScriptedSocket.OPEN);
  });
});
