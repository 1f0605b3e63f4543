// Plays Home Assistant for the cards: one inverter, a feed with a scripted day, and the REST answers they ask for.
import "../src/main";
import { LiveCard } from "../src/card";
import type { Hass } from "../src/ha";
import { StatusCard } from "../src/status-card";

const asked = new URLSearchParams(location.search);
const state = asked.get("state") ?? "live";
const language = asked.get("lang") ?? "en";
document.documentElement.classList.toggle("dark", asked.has("dark"));
document.documentElement.lang = language;

/** Home Assistant's own frame around a card. */
class Frame extends HTMLElement {
  connectedCallback(): void {
    this.style.cssText +=
      "border: 1px solid var(--divider-color); border-radius: 12px; background: var(--card-background-color);";
  }
}
customElements.define("ha-card", Frame);

/** What the page says a socket received, once it is known how the card wants to be treated. */
class ScriptedSocket extends EventTarget {
  static readonly OPEN = 1;
  readonly readyState = 1;
  onmessage: ((event: MessageEvent) => void) | null = null;
  onclose: (() => void) | null = null;
  #seq = 0;
  readonly #timer: ReturnType<typeof setInterval>;

  constructor() {
    super();
    setTimeout(() => this.#tell("connection_status", { connected: true, connectionStatus: {} }));
    setTimeout(() => this.#power());
    this.#timer = setInterval(() => this.#power(), 2000);
    setTimeout(() => this.#spoil(), 300);
  }

  send(): void {
    this.#power();
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #spoil(): void {
    if (state === "feed_lost") this.onclose?.();
    if (state !== "disconnected") return;
    clearInterval(this.#timer);
    this.#tell("modbus_disconnected", {
      errorKind: asked.get("cause") ?? "timeout",
      errorMessage: "no answer in 1.5 s",
    });
  }

  #power(): void {
    const { pv, battery, grid } = house(Number(asked.get("time") ?? "12"), this.#seq);
    this.#tell("power_update", {
      data: {
        battery: { soc: Number(asked.get("soc") ?? "78"), power: battery },
        pv: { power: pv },
        grid: { power: grid },
        load: { power: pv + battery + grid },
      },
    });
  }

  #tell(type: string, fields: Readonly<Record<string, unknown>>): void {
    const data = JSON.stringify({ type, timestamp: new Date().toISOString(), seq: ++this.#seq, ...fields });
    this.onmessage?.(new MessageEvent("message", { data }));
  }
}

/** Noon fills the battery and the grid, the evening lives on the battery, the night on the grid. */
function house(hour: number, beat: number): { pv: number; battery: number; grid: number } {
  const wobble = (beat % 7) * 13;
  if (hour >= 10 && hour < 16) return { pv: 6240 + wobble, battery: -3120, grid: -1480 - wobble };
  if (hour >= 16 && hour < 23) return { pv: 310 + wobble, battery: 1890, grid: 12 };
  return { pv: 0, battery: hour < 5 ? -2000 : 0, grid: 2640 + wobble };
}

const ANSWERS: Readonly<Record<string, unknown>> = {
  "alphaess/system/architecture": {
    battery: { capacity: 10.1, modules: 3 },
    pv: { strings: asked.has("nopv") ? 0 : 2, acCoupled: false },
  },
  "alphaess/history/today": [
    { pv: 18.3, gridImport: 1.9, gridExport: 6.2, batteryCharge: 7.4, batteryDischarge: 4.1, load: 10.7 },
  ],
  "alphaess/dispatch-status": asked.has("dispatch")
    ? {
        active: true,
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
  card.setConfig({ show_debug: asked.has("debug") });
  card.hass = hass;
  document.body.append(card);
}
if (state === "paused") {
  setTimeout(() => {
    const banner = cards[0]?.renderRoot.querySelector("alphaess-live-banner");
    banner?.shadowRoot?.querySelector<HTMLButtonElement>("[data-does=pause]")?.click();
  }, 300);
}
