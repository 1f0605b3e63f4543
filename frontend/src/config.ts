// What a user may write into a card's configuration, what it means when absent, and what is wrong with it.

export const OPTIONS = [
  "show_faults",
  "show_flow",
  "show_battery",
  "show_today",
  "show_dispatch",
  "show_debug",
] as const;
export type Option = (typeof OPTIONS)[number];

export interface CardConfig extends Readonly<Record<Option, boolean>> {
  readonly type: string;
  /** The inverter: its device id, or its serial number. Not needed while there is only one. */
  readonly device: string | null;
  readonly title: string | null;
}

export const DEFAULTS: Readonly<Record<Option, boolean>> = {
  show_faults: true,
  show_flow: true,
  show_battery: true,
  show_today: true,
  show_dispatch: true,
  show_debug: false,
};

/** A mistake in a configuration; the sentence for it is in the translations. */
export interface Problem {
  readonly kind: "not_boolean" | "not_text" | "unknown_option";
  readonly option: string;
  readonly value: string;
}

export interface Checked {
  readonly config: CardConfig;
  readonly problems: readonly Problem[];
}

/** Reads a configuration. Throws only where there is nothing to render; every other mistake is named and defaulted. */
export function check(raw: unknown): Checked {
  if (typeof raw !== "object" || raw === null || Array.isArray(raw)) {
    throw new Error("The configuration of an AlphaESS Live card must be a mapping of options.");
  }
  const given = raw as Readonly<Record<string, unknown>>;
  const problems: Problem[] = [];
  const text = (option: string): string | null => {
    const value = given[option];
    if (value === undefined || value === null || value === "") return null;
    if (typeof value === "string") return value;
    problems.push({ kind: "not_text", option, value: JSON.stringify(value) });
    return null;
  };
  const config = {
    type: typeof given["type"] === "string" ? given["type"] : "",
    device: text("device"),
    title: text("title"),
    ...switches(given, problems),
  };
  return { config, problems: [...problems, ...strangers(given)] };
}

function switches(given: Readonly<Record<string, unknown>>, problems: Problem[]): Record<Option, boolean> {
  const chosen = { ...DEFAULTS };
  for (const option of OPTIONS) {
    const value = given[option];
    if (typeof value === "boolean") chosen[option] = value;
    else if (value !== undefined && value !== null) {
      problems.push({ kind: "not_boolean", option, value: JSON.stringify(value) });
    }
  }
  return chosen;
}

/** Only what looks like ours: Home Assistant and other cards' tools add keys of their own to any card. */
function strangers(given: Readonly<Record<string, unknown>>): readonly Problem[] {
  return Object.keys(given)
    .filter((key) => key.startsWith("show_") && !OPTIONS.some((option) => option === key))
    .map((option) => ({ kind: "unknown_option" as const, option, value: OPTIONS.join(", ") }));
}
