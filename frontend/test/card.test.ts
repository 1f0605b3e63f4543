// The whole card on a page: with an inverter, with none, with a wrong configuration, with Home Assistant half gone.
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import "../src/main";
import { LiveCard } from "../src/card";
import type { FeedCard } from "../src/feed-card";
import type { Hass } from "../src/ha";
import { StatusCard } from "../src/status-card";
import { recordAnimations } from "./animations";
import { eventMessage, hassOf, powerMessage, statusMessage } from "./samples";
import { ScriptedSocket, useScriptedSockets } from "./scripted-socket";

let serials = 0;
let asked: string[] = [];

beforeEach(() => {
  useScriptedSockets();
  recordAnimations();
  asked = [];
});

afterEach(() => {
  vi.unstubAllGlobals();
});

/** Feeds are shared by a page for its whole life; each test gets an inverter of its own. */
function freshSerial(): string {
  serials += 1;
  return `AL${serials}`;
}

function listening(hass: Hass): Hass {
  return {
    ...hass,
    callApi(method, path) {
      asked.push(`${method} ${path}`);
      return hass.callApi(method, path);
    },
  };
}

/** How long a feed waits for a card that may only be moved. */
const LINGER = 1100;

async function settle(card: FeedCard, wait = 30): Promise<void> {
  await new Promise((done) => setTimeout(done, wait));
  await card.updateComplete;
}

async function put(
  card: FeedCard,
  hass: Hass,
  config: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  card.setConfig({ type: "custom:x", ...config });
  card.hass = hass;
  document.body.append(card);
  await settle(card);
}

async function live(
  card: FeedCard,
  hass: Hass,
  config: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  await put(card, hass, config);
  ScriptedSocket.last.say(statusMessage(true));
  ScriptedSocket.last.say(powerMessage(2));
  await settle(card);
}

const tags = (card: FeedCard): readonly string[] =>
  [...card.renderRoot.querySelectorAll("*")]
    .map((each) => each.localName)
    .filter((tag) => tag.startsWith("alphaess"));
const text = (card: FeedCard): string => card.renderRoot.textContent;

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

describe("the card", () => {
  test("needs no configuration with one inverter", async () => {
    const card = new LiveCard();
    await live(card, hassOf([freshSerial()], ANSWERS));
    expect(card.getAttribute("state")).toBe("live");
    expect(tags(card)).toEqual([
      "alphaess-live-banner",
      "alphaess-live-complaint",
      "alphaess-live-flow",
      "alphaess-live-battery",
      "alphaess-live-dispatch",
      "alphaess-live-today",
    ]);
    expect(card.renderRoot.querySelector("h2")).toBeNull();
  });

  test("stands without what Home Assistant does not answer", async () => {
    const card = new LiveCard();
    await live(card, hassOf([freshSerial()]));
    expect(tags(card)).toEqual([
      "alphaess-live-banner",
      "alphaess-live-complaint",
      "alphaess-live-flow",
      "alphaess-live-battery",
    ]);
  });

  test("shows only what its configuration asks for", async () => {
    const card = new LiveCard();
    const hidden = {
      show_faults: false,
      show_flow: false,
      show_battery: false,
      show_today: false,
      show_dispatch: false,
      show_debug: true,
    };
    await live(card, hassOf([freshSerial()], ANSWERS), hidden);
    expect(tags(card)).toEqual(["alphaess-live-banner", "alphaess-live-debug"]);
    expect(card.getCardSize()).toBe(1);
    // Who looks for a fault sees more than the words of the banner: what a log would say, in English.
    ScriptedSocket.last.say(eventMessage("modbus_disconnected", "timeout"));
    await settle(card);
    expect(card.renderRoot.querySelector("alphaess-live-debug")?.shadowRoot?.textContent).toMatch(
      /· timeout$/,
    );
  });

  test("turns grey when the inverter is lost, keeps the values, and turns live again by itself", async () => {
    const card = new LiveCard();
    await live(card, hassOf([freshSerial()], ANSWERS));
    ScriptedSocket.last.say(eventMessage("modbus_disconnected", "reset"));
    await settle(card);
    expect(card.getAttribute("state")).toBe("disconnected");
    expect(tags(card)).not.toContain("alphaess-live-dispatch");
    ScriptedSocket.last.say(eventMessage("modbus_connected"));
    await settle(card);
    expect(card.getAttribute("state")).toBe("live");
    expect(tags(card)).toContain("alphaess-live-dispatch");
  });

  test("tells which inverter it shows when there are several", async () => {
    const [first, second] = [freshSerial(), freshSerial()];
    const card = new LiveCard();
    await live(card, hassOf([first, second]), { device: `device-${second}` });
    expect(card.renderRoot.querySelector("h2")?.textContent).toBe(`House ${second}`);
    expect(ScriptedSocket.all).toHaveLength(1);
  });

  test.each([
    ["no inverter", [], {}, "No AlphaESS inverter is set up yet"],
    ["an unknown inverter", ["X"], { device: "gone" }, "There is no inverter “gone”"],
    ["several inverters and no choice", ["X", "Y"], {}, "House X (X), House Y (Y)"],
  ])("says in words what to do with %s", async (_, known, config, sentence) => {
    const card = new LiveCard();
    await put(card, hassOf(known), config);
    expect(text(card)).toContain(sentence);
    expect(ScriptedSocket.all).toHaveLength(0);
  });

  test("says in words what is wrong with its configuration, and works all the same", async () => {
    const card = new LiveCard();
    await live(card, hassOf([freshSerial()]), { show_flow: "yes", show_everything: true });
    expect(text(card)).toContain('“show_flow” must be true or false, not "yes". The default is used.');
    expect(text(card)).toContain("There is no option “show_everything”.");
    expect(tags(card)).toContain("alphaess-live-flow");
  });

  test("notices that its inverter was removed, and that one was added", async () => {
    const serial = freshSerial();
    const card = new LiveCard();
    await live(card, hassOf([serial]));
    card.hass = hassOf([]);
    await settle(card);
    expect(text(card)).toContain("No AlphaESS inverter");
    await settle(card, LINGER);
    expect(ScriptedSocket.last.readyState).not.toBe(ScriptedSocket.OPEN);
    card.hass = hassOf([serial]);
    await settle(card);
    expect(tags(card)).toContain("alphaess-live-banner");
  });

  test("speaks the user's language, also when that changes", async () => {
    const card = new LiveCard();
    const hass = hassOf([]);
    await put(card, hass);
    card.hass = { ...hass, language: "de", locale: { ...hass.locale, language: "de" } };
    await settle(card);
    expect(text(card)).toContain("Noch kein AlphaESS-Wechselrichter");
  });

  test("opens more-info of the entity behind a value, whatever its name is by now", async () => {
    const card = new LiveCard();
    await live(card, hassOf([freshSerial()]));
    const opened = new Promise((done) =>
      document.body.addEventListener("hass-more-info", done, { once: true }),
    );
    card.renderRoot
      .querySelector("alphaess-live-flow")
      ?.shadowRoot?.querySelector<HTMLElement>(".node.solar")
      ?.click();
    expect(await opened).toMatchObject({ detail: { entityId: "sensor.renamed_pv_power" } });
  });

  test("stops a dispatch, looks again, and says why when it could not", async () => {
    const card = new LiveCard();
    await live(card, listening(hassOf([freshSerial()], ANSWERS)));
    asked = [];
    const dispatch = card.renderRoot.querySelector("alphaess-live-dispatch");
    const press = async (selector: string): Promise<void> => {
      dispatch?.shadowRoot?.querySelector<HTMLElement>(selector)?.click();
      await settle(card);
    };
    await press(".action");
    await press(".sure");
    expect(asked.map((path) => path.split("?")[0])).toEqual([
      "POST alphaess/stop",
      "GET alphaess/dispatch-status",
    ]);
    expect(dispatch?.shadowRoot?.textContent).toContain(
      "It could not be stopped: The inverter does not answer.",
    );
  });

  test("asks for the dispatch again when its entity changes, and not when others do", async () => {
    const card = new LiveCard();
    const hass = listening(hassOf([freshSerial()], ANSWERS));
    await live(card, hass);
    asked = [];
    card.hass = { ...hass, states: { "sensor.other": { state: "1" } } };
    expect(asked).toEqual([]);
    card.hass = { ...hass, states: { "sensor.renamed_dispatch_status": { state: "charging" } } };
    expect(asked).toHaveLength(1);
  });

  test("tries the feed at once when Home Assistant is back", async () => {
    const card = new LiveCard();
    const hass = hassOf([freshSerial()]);
    await live(card, hass);
    ScriptedSocket.last.drop();
    card.hass = { ...hass, connected: false };
    card.hass = hass;
    await settle(card);
    expect(ScriptedSocket.all).toHaveLength(2);
  });

  test("waits for the integration when Home Assistant has only begun to start", async () => {
    const card = new LiveCard();
    const hass = hassOf([freshSerial()]);
    const during = { ...hass, states: { "sensor.renamed_modbus": { state: "unavailable" } } };
    await live(card, hass);
    card.hass = { ...hass, connected: false };
    ScriptedSocket.last.drop();
    card.hass = during;
    await settle(card);
    expect(ScriptedSocket.all).toHaveLength(1);
    card.hass = { ...hass, states: { "sensor.renamed_modbus": { state: "on" } } };
    await settle(card);
    expect(ScriptedSocket.all).toHaveLength(2);
  });

  test("asks nothing that cannot be answered, since a browser logs that as an error", async () => {
    const card = new LiveCard();
    const hass = listening(hassOf([freshSerial()], ANSWERS));
    await put(card, hass);
    expect(asked).toEqual([]);
    ScriptedSocket.last.say(statusMessage(false, "timeout"));
    await settle(card);
    expect(asked.map((path) => path.split("?")[0])).toEqual([
      "GET alphaess/system/architecture",
      "GET alphaess/history/today",
    ]);
    card.hass = { ...hass, states: { "sensor.renamed_dispatch_status": { state: "unavailable" } } };
    ScriptedSocket.last.drop();
    await settle(card);
    expect(asked).toHaveLength(2);
  });

  test("draws a burst of messages once", async () => {
    const card = new LiveCard();
    await live(card, hassOf([freshSerial()]));
    const drawn = vi.spyOn(card as unknown as { render: () => unknown }, "render");
    for (let seq = 3; seq < 300; seq += 1) ScriptedSocket.last.say(powerMessage(seq, seq));
    await settle(card);
    expect(drawn).toHaveBeenCalledOnce();
  });

  test("costs nothing when other entities of the house change", async () => {
    const card = new LiveCard();
    const hass = hassOf([freshSerial()]);
    await live(card, hass);
    const drawn = vi.spyOn(card as unknown as { render: () => unknown }, "render");
    for (let beat = 0; beat < 100; beat += 1)
      card.hass = { ...hass, states: { "light.x": { state: String(beat) } } };
    await settle(card);
    expect(drawn).not.toHaveBeenCalled();
  });
});

describe("the status card", () => {
  test("shows no values, and shares the socket and the pause of the other card", async () => {
    const hass = hassOf([freshSerial()]);
    const [card, status] = [new LiveCard(), new StatusCard()];
    await put(status, hass);
    await live(card, hass);
    expect(tags(status)).toEqual(["alphaess-live-banner", "alphaess-live-complaint"]);
    expect(ScriptedSocket.all).toHaveLength(1);
    status.renderRoot
      .querySelector("alphaess-live-banner")
      ?.shadowRoot?.querySelector<HTMLElement>("[data-does=pause]")
      ?.click();
    await settle(card);
    expect([card.getAttribute("state"), status.getAttribute("state")]).toEqual(["paused", "paused"]);
    card.remove();
    expect(ScriptedSocket.last.readyState).toBe(ScriptedSocket.OPEN);
    status.remove();
    await settle(card, LINGER);
    expect(ScriptedSocket.last.readyState).not.toBe(ScriptedSocket.OPEN);
  });
});
