// The configuration of a card: options, defaults, validation, and the inverter that it names; pure.
import { fillPlaceholders } from "./format";
import type { Inverter } from "./ha";
import type { Texts } from "./translations";

/** The options that show or hide an element, with their defaults. */
export const DEFAULT_OPTIONS = {
  show_faults: true,
  show_flow: true,
  show_battery: true,
  show_today: true,
  show_dispatch: true,
  show_control: false,
  show_debug: false,
};
export type Option = keyof typeof DEFAULT_OPTIONS;
export const OPTIONS = Object.keys(DEFAULT_OPTIONS) as readonly Option[];

export interface CardConfig extends Readonly<Record<Option, boolean>> {
  readonly type: string;
  /** Device id or serial number of the inverter. Null selects the only one. */
  readonly device: string | null;
  readonly title: string | null;
}

/** A mistake in a configuration. `kind` is the translation key of its sentence. */
export interface ConfigProblem {
  readonly kind: "not_boolean" | "not_text" | "unknown_option";
  readonly option: string;
  readonly value: string;
}

export interface ParsedConfig {
  readonly config: CardConfig;
  readonly problems: readonly ConfigProblem[];
}

/** Validates a configuration. A wrong option is reported and gets its default. Throws if `raw` is not a mapping. */
export function parseConfig(raw: unknown): ParsedConfig {
  if (typeof raw !== "object" || raw === null || Array.isArray(raw)) {
    throw new Error("The configuration of an AlphaESS Live card must be a mapping of options.");
  }
  const mapping = raw as Readonly<Record<string, unknown>>;
  const problems: ConfigProblem[] = [];
  const text = (option: string): string | null => {
    const value = mapping[option];
    if (value === undefined || value === null || value === "") return null;
    if (typeof value === "string") return value;
    problems.push({ kind: "not_text", option, value: JSON.stringify(value) });
    return null;
  };
  const config = {
    type: typeof mapping["type"] === "string" ? mapping["type"] : "",
    device: text("device"),
    title: text("title"),
    ...parseBooleans(mapping, problems),
  };
  return { config, problems: [...problems, ...findUnknownOptions(mapping)] };
}

function parseBooleans(
  raw: Readonly<Record<string, unknown>>,
  problems: ConfigProblem[],
): Record<Option, boolean> {
  const options = { ...DEFAULT_OPTIONS };
  for (const option of OPTIONS) {
    const value = raw[option];
    if (typeof value === "boolean") options[option] = value;
    else if (value !== undefined && value !== null) {
      problems.push({ kind: "not_boolean", option, value: JSON.stringify(value) });
    }
  }
  return options;
}

/** Only options with our prefix: Home Assistant and other extensions add their own keys to any card. */
function findUnknownOptions(raw: Readonly<Record<string, unknown>>): readonly ConfigProblem[] {
  return Object.keys(raw)
    .filter((key) => key.startsWith("show_") && !OPTIONS.some((option) => option === key))
    .map((option) => ({ kind: "unknown_option" as const, option, value: OPTIONS.join(", ") }));
}

export type ResolvedInverter = { readonly inverter: Inverter } | { readonly problem: string };

/** Finds the configured inverter, or explains in the user's language why there is none. */
export function resolveInverter(
  inverters: readonly Inverter[],
  device: string | null,
  texts: Texts,
): ResolvedInverter {
  if (device !== null) {
    const inverter = inverters.find(({ deviceId, serial }) => deviceId === device || serial === device);
    return inverter ? { inverter } : { problem: fillPlaceholders(texts.unknown_inverter, { device }) };
  }
  const [only, ...others] = inverters;
  if (only === undefined) return { problem: texts.no_inverter };
  if (others.length === 0) return { inverter: only };
  const names = inverters.map(({ name, serial }) => `${name} (${serial})`).join(", ");
  return { problem: fillPlaceholders(texts.choose_inverter, { names }) };
}
