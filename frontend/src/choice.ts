// Which inverter a card is about, or the sentence that says why none can be shown; pure.
import { fill } from "./format";
import type { Inverter } from "./ha";
import type { Words } from "./translations";

export type Choice = { readonly inverter: Inverter } | { readonly complaint: string };

/** `device` is a device id or a serial number; without it the only inverter is meant. */
export function choose(inverters: readonly Inverter[], device: string | null, words: Words): Choice {
  if (device !== null) {
    const inverter = inverters.find(({ deviceId, serial }) => deviceId === device || serial === device);
    return inverter ? { inverter } : { complaint: fill(words.unknown_inverter, { device }) };
  }
  const [only, ...others] = inverters;
  if (only === undefined) return { complaint: words.no_inverter };
  if (others.length === 0) return { inverter: only };
  const names = inverters.map(({ name, serial }) => `${name} (${serial})`).join(", ");
  return { complaint: fill(words.choose_inverter, { names }) };
}
