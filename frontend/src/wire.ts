// What travels over the feed: messages as types, and the one place where JSON from outside is believed.

export const ERROR_KINDS = ["refused", "timeout", "reset", "unreachable", "busy", "protocol"] as const;
export type ErrorKind = (typeof ERROR_KINDS)[number];

/** Watts and percent of one moment; null where the inverter gave no value. Grid > 0 imports, battery > 0 discharges. */
export interface Power {
  readonly soc: number | null;
  readonly battery: number | null;
  readonly pv: number | null;
  readonly grid: number | null;
  readonly load: number | null;
}

export interface Trouble {
  readonly kind: ErrorKind | null;
  readonly message: string | null;
}

interface Stamped {
  /** When the server says it happened, in milliseconds of its clock. */
  readonly timestamp: number;
  readonly seq: number | null;
}

export type Message =
  | (Stamped & { readonly type: "status"; readonly connected: boolean; readonly trouble: Trouble })
  | (Stamped & { readonly type: "power"; readonly power: Power })
  | (Stamped & { readonly type: "connected" })
  | (Stamped & { readonly type: "disconnected"; readonly trouble: Trouble });

type Json = Readonly<Record<string, unknown>>;

/** A message of the feed, or null for one that does not concern a card (auth_ok, pong, an unknown type, no JSON). */
export function parse(text: unknown): Message | null {
  const raw = typeof text === "string" ? decode(text) : null;
  if (raw === null) return null;
  const timestamp = typeof raw["timestamp"] === "string" ? Date.parse(raw["timestamp"]) : NaN;
  if (Number.isNaN(timestamp)) return null;
  const stamp = { timestamp, seq: number(raw["seq"]) };
  switch (raw["type"]) {
    case "connection_status":
      return { ...stamp, type: "status", connected: raw["connected"] === true, trouble: statusTrouble(raw) };
    case "power_update":
      return { ...stamp, type: "power", power: powerOf(object(raw["data"])) };
    case "modbus_connected":
      return { ...stamp, type: "connected" };
    case "modbus_disconnected":
      return { ...stamp, type: "disconnected", trouble: troubleOf(raw) };
    default:
      return null;
  }
}

function decode(text: string): Json | null {
  try {
    return object(JSON.parse(text));
  } catch {
    return null;
  }
}

function powerOf(data: Json): Power {
  const battery = object(data["battery"]);
  return {
    soc: number(battery["soc"]),
    battery: number(battery["power"]),
    pv: number(object(data["pv"])["power"]),
    grid: number(object(data["grid"])["power"]),
    load: number(object(data["load"])["power"]),
  };
}

function statusTrouble(raw: Json): Trouble {
  return troubleOf(object(raw["connectionStatus"]));
}

function troubleOf(raw: Json): Trouble {
  const kind = ERROR_KINDS.find((known) => known === raw["errorKind"]) ?? null;
  const message = raw["errorMessage"];
  return { kind, message: typeof message === "string" ? message : null };
}

export function object(value: unknown): Json {
  return typeof value === "object" && value !== null ? (value as Json) : {};
}

export function number(value: unknown): number | null {
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}
