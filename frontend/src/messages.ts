// The messages of the feed as types, and the validation of JSON that comes from the server.

export const ERROR_KINDS = [
  "refused",
  "timeout",
  "reset",
  "unreachable",
  "busy",
  "protocol",
  "polling_off",
  "internal",
] as const;
export type ErrorKind = (typeof ERROR_KINDS)[number];

/** State of charge in percent and powers in watts. Null: no value. Grid > 0 imports, battery > 0 discharges. */
export interface Power {
  readonly soc: number | null;
  readonly battery: number | null;
  readonly pv: number | null;
  readonly grid: number | null;
  readonly load: number | null;
}

/** Why the inverter is not connected; both fields are null while it is. */
export interface LinkError {
  readonly kind: ErrorKind | null;
  readonly message: string | null;
}

interface MessageHeader {
  /** Time of the event, in milliseconds of the server's clock. */
  readonly timestamp: number;
  readonly seq: number | null;
}

export type Message =
  | (MessageHeader & { readonly type: "status"; readonly connected: boolean; readonly linkError: LinkError })
  | (MessageHeader & { readonly type: "power"; readonly power: Power })
  | (MessageHeader & { readonly type: "connected" })
  | (MessageHeader & { readonly type: "disconnected"; readonly linkError: LinkError });

type Json = Readonly<Record<string, unknown>>;

/** Parses a message. Null for one that no card uses: auth_ok, pong, an unknown type, invalid JSON. */
export function parseMessage(text: unknown): Message | null {
  const raw = typeof text === "string" ? parseJson(text) : null;
  if (raw === null) return null;
  const timestamp = typeof raw["timestamp"] === "string" ? Date.parse(raw["timestamp"]) : NaN;
  if (Number.isNaN(timestamp)) return null;
  const header = { timestamp, seq: asNumber(raw["seq"]) };
  switch (raw["type"]) {
    case "connection_status":
      return {
        ...header,
        type: "status",
        connected: raw["connected"] === true,
        linkError: parseStatusError(raw),
      };
    case "power_update":
      return { ...header, type: "power", power: parsePower(asObject(raw["data"])) };
    case "modbus_connected":
      return { ...header, type: "connected" };
    case "modbus_disconnected":
      return { ...header, type: "disconnected", linkError: parseLinkError(raw) };
    default:
      return null;
  }
}

function parseJson(text: string): Json | null {
  try {
    return asObject(JSON.parse(text));
  } catch {
    return null;
  }
}

function parsePower(data: Json): Power {
  const battery = asObject(data["battery"]);
  return {
    soc: asNumber(battery["soc"]),
    battery: asNumber(battery["power"]),
    pv: asNumber(asObject(data["pv"])["power"]),
    grid: asNumber(asObject(data["grid"])["power"]),
    load: asNumber(asObject(data["load"])["power"]),
  };
}

function parseStatusError(raw: Json): LinkError {
  return parseLinkError(asObject(raw["connectionStatus"]));
}

function parseLinkError(raw: Json): LinkError {
  const kind = ERROR_KINDS.find((kind) => kind === raw["errorKind"]) ?? null;
  const message = raw["errorMessage"];
  return { kind, message: typeof message === "string" ? message : null };
}

export function asObject(value: unknown): Json {
  return typeof value === "object" && value !== null ? (value as Json) : {};
}

export function asNumber(value: unknown): number | null {
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}
