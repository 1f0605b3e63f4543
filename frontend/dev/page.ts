// A development page without Home Assistant: one inverter, a scripted feed, and fixed REST answers.
import "../src/main";
import type { Hass } from "../src/ha";
import { LiveCard } from "../src/live-card";
import { StatusCard } from "../src/status-card";

const query = new URLSearchParams(location.search);
const state = query.get("state") ?? "live";
const language = query.get("lang") ?? "en";
document.documentElement.classList.toggle("dark", query.has("dark"));
document.documentElement.lang = language;

/** Replaces Home Assistant's frame of a card. */
class Frame extends HTMLElement {
  connectedCallback(): void {
    this.style.cssText +=
      "border: 1px solid var(--divider-color); border-radius: 12px; background: var(--card-background-color);";
  }
}
customElements.define("ha-card", Frame);

/** A WebSocket that sends the messages of the state in the page's query. */
class ScriptedSocket extends EventTarget {
  static readonly OPEN = 1;
  readonly readyState = 1;
  onmessage: ((event: MessageEvent) => void) | null = null;
  onclose: (() => void) | null = null;
  #seq = 0;
  readonly #timer: ReturnType<typeof setInterval>;

  constructor() {
    super();
    setTimeout(() => this.#emit("connection_status", { connected: true, connectionStatus: {} }));
    setTimeout(() => this.#emitPower());
    this.#timer = setInterval(() => this.#emitPower(), 2000);
    setTimeout(() => this.#applyState(), 300);
  }

  send(): void {
    this.#emitPower();
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #applyState(): void {
    if (state === "feed_lost") this.onclose?.();
    if (state !== "disconnected") return;
    clearInterval(this.#timer);
    this.#emit("modbus_disconnected", {
      errorKind: query.get("cause") ?? "timeout",
      errorMessage: "no answer in 1.5 s",
    });
  }

  #emitPower(): void {
    const { pv, battery, grid } = powersAt(Number(query.get("time") ?? "12"), this.#seq);
    this.#emit("power_update", {
      data: {
        battery: { soc: Number(query.get("soc") ?? "78"), power: battery },
        pv: { power: pv },
        grid: { power: grid },
        load: { power: pv + battery + grid },
      },
    });
  }

  #emit(type: string, fields: Readonly<Record<string, unknown>>): void {
    const data = JSON.stringify({ type, timestamp: new Date().toISOString(), seq: ++this.#seq, ...fields });
    this.onmessage?.(new MessageEvent("message", { data }));
  }
}

/** At noon solar power charges the battery and is exported, in the evening the battery supplies, at night the grid. */
function powersAt(hour: number, seq: number): { pv: number; battery: number; grid: number } {
  const variation = (seq % 7) * 13;
  if (hour >= 10 && hour < 16) return { pv: 6240 + variation, battery: -3120, grid: -1480 - variation };
  if (hour >= 16 && hour < 23) return { pv: 310 + variation, battery: 1890, grid: 12 };
  return { pv: 0, battery: hour < 5 ? -2000 : 0, grid: 2640 + variation };
}

const ANSWERS: Readonly<Record<string, unknown>> = {
  "alphaess/system/architecture": {
    battery: { capacity: 10.1, modules: 3 },
    pv: { strings: query.has("nopv") ? 0 : 2, acCoupled: false },
  },
  "alphaess/history/today": [
    { pv: 18.3, gridImport: 1.9, gridExport: 6.2, batteryCharge: 7.4, batteryDischarge: 4.1, load: 10.7 },
  ],
  "alphaess/dispatch-status": query.has("dispatch")
    ? {
        active: true,
        mode: "soc_control",
        charging: true,
        power: -3000,
        targetSoc: 90,
        remaining: 2460,
        controlledBy: "alphaess_live",
      }
    : { active: false },
};

const hass: Hass = {
  connected: true,
  language,
  locale: { language, number_format: "language", time_format: "language" },
  config: { time_zone: "Europe/Berlin" },
  devices: {
    house: {
      id: "house",
      name: "AlphaESS",
      name_by_user: null,
      identifiers: [["alphaess_live", "AL7011025101234"]],
    },
  },
  entities: {},
  states: {},
  callWS: () => Promise.resolve({ path: "/signed" }),
  callApi: (_method, path) => Promise.resolve(ANSWERS[path.split("?")[0] ?? ""]),
  hassUrl: (path) => `http://localhost${path}`,
};

Object.defineProperty(window, "WebSocket", { value: ScriptedSocket });
const cards = [new LiveCard(), new StatusCard()];
for (const card of cards) {
  card.setConfig({ show_debug: query.has("debug") });
  card.hass = hass;
  document.body.append(card);
}
if (state === "paused") {
  setTimeout(() => {
    const banner = cards[0]?.renderRoot.querySelector("alphaess-live-banner");
    banner?.shadowRoot?.querySelector<HTMLButtonElement>("[data-action=pause]")?.click();
  }, 300);
}
