// Test data of a house at noon: feed messages, a Home Assistant object, a view.
import { Format, type Locale } from "../src/format";
import type { Hass } from "../src/ha";
import type { Power } from "../src/messages";
import { distributePower } from "../src/power-flow";
import { DEFAULT_EQUIPMENT, type Dispatch } from "../src/rest-parsers";
import { en } from "../src/translations/en";
import type { View } from "../src/view";

export const SERIAL = "AL7011025101234";
export const NOON = Date.UTC(2026, 5, 21, 12);
export const POWER: Power = { soc: 78, battery: -3120, pv: 6240, grid: -1480, load: 1640 };
export const CHARGE: Dispatch = {
  kind: "charge",
  block: null,
  isOurs: true,
  watts: 3000,
  targetSoc: 90,
  atTarget: false,
  endsAt: null,
};
export const ENGLISH: Locale = { language: "en", number_format: "language", time_format: "24" };
export const format = new Format(ENGLISH, en, "UTC");

export function statusMessage(connected: boolean, errorKind: string | null = null): string {
  const connectionStatus = { connected, errorKind, errorMessage: errorKind };
  return JSON.stringify({
    type: "connection_status",
    timestamp: timestamp(),
    serial: SERIAL,
    seq: 1,
    connected,
    connectionStatus,
  });
}

export function powerMessage(seq: number, pv = 6240): string {
  const data = {
    battery: { soc: 78, power: -3120 },
    pv: { power: pv },
    grid: { power: -1480 },
    load: { power: 1640 },
  };
  return JSON.stringify({ type: "power_update", timestamp: timestamp(), serial: SERIAL, seq, data });
}

export function eventMessage(type: "modbus_connected" | "modbus_disconnected", errorKind?: string): string {
  return JSON.stringify({
    type,
    timestamp: timestamp(),
    serial: SERIAL,
    seq: 9,
    message: "",
    errorKind,
    errorMessage: errorKind,
  });
}

function timestamp(): string {
  return new Date().toISOString();
}

export function createView(parts: Partial<View> = {}): View {
  const power = parts.power === undefined ? POWER : parts.power;
  return {
    state: "live",
    linkError: { kind: null, message: null },
    power,
    fault: null,
    flows: power === null ? [] : distributePower(power),
    measuredAt: Date.now(),
    mayAnimate: true,
    equipment: DEFAULT_EQUIPMENT,
    today: null,
    dispatch: null,
    orderFailure: null,
    debug: "",
    format,
    ...parts,
  };
}

/** An error answer in the form in which Home Assistant's frontend rejects. */
class ApiError extends Error {
  readonly status_code = 503;
  readonly body = { error: "modbus_disconnected", message: "The inverter is not connected." };
}

/** A Home Assistant with these inverters. `answers` maps REST requests to answers; other requests are rejected. */
export function createHass(
  serials: readonly string[],
  answers: Readonly<Record<string, unknown>> = {},
): Hass {
  const device = (serial: string): Hass["devices"][string] => ({
    id: `device-${serial}`,
    name: `House ${serial}`,
    name_by_user: null,
    identifiers: [["alphaess_live", serial]],
  });
  const entity = (serial: string, key: string): Hass["entities"][string] => ({
    entity_id: `sensor.renamed_${key}`,
    device_id: `device-${serial}`,
    platform: "alphaess_live",
    translation_key: key,
  });
  const entities = serials.flatMap((serial) =>
    ["pv_power", "battery_soc", "dispatch_status", "modbus", "faults"].map((key) => entity(serial, key)),
  );
  return {
    connected: true,
    language: "en",
    locale: ENGLISH,
    config: { time_zone: "UTC" },
    devices: Object.fromEntries(serials.map((serial) => [`device-${serial}`, device(serial)])),
    entities: Object.fromEntries(entities.map((each) => [each.entity_id, each])),
    states: {},
    callWS: () => Promise.resolve({ path: "/ws/power-data?authSig=x" }),
    callApi: (method, path) => {
      const answer = answers[`${method} ${path.split("?")[0] ?? ""}`];
      return answer === undefined ? Promise.reject(new ApiError()) : Promise.resolve(answer);
    },
    hassUrl: (path) => `http://home.example${path}`,
  };
}
