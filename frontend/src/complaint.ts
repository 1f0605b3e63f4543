// The most serious fault or warning, and how many there are beside it, as the sensor of all faults tells; pure.
import type { EntityState } from "./ha";
import { number, object } from "./wire";

export interface Complaint {
  readonly text: string;
  readonly severity: "fault" | "warning";
  /** When it was first seen, in milliseconds of the server's clock. */
  readonly since: number | null;
  /** How many others there are. */
  readonly others: number;
}

type Say = (entity: EntityState) => string;

/** Remembers what was complained about: Home Assistant tells of any change of the house, hardly one of which is this. */
export class Hearing {
  told: Complaint | null = null;
  #of: EntityState | undefined;
  #say: Say | undefined;

  /** Tells whether there is anything new. */
  hear(of: EntityState | undefined, say: Say | undefined): boolean {
    if (of === this.#of && say === this.#say) return false;
    this.#of = of;
    this.#say = say;
    this.told = complaintOf(of, say);
    return true;
  }
}

/**
 * The feed and the REST answers tell the same in English; the sensor's state comes in the language of the user. `say`
 * writes it, and falls back on what Home Assistant itself speaks.
 */
export function complaintOf(entity: EntityState | undefined, say: Say | undefined): Complaint | null {
  const { active, fault_count, warning_count, everyday_count } = object(entity?.attributes);
  // An ordinary night has its warnings too, which are listed: the state is "none" all the same.
  const worst = Array.isArray(active)
    ? active.map(object).find(({ code }) => code === entity?.state)
    : undefined;
  if (entity === undefined || worst === undefined) return null;
  const { text, severity, since } = worst;
  const seen = typeof since === "string" ? Date.parse(since) : NaN;
  // Those are listed with the others, but nobody needs to be told.
  const everyday = number(everyday_count) ?? 0;
  const count = (number(fault_count) ?? 0) + (number(warning_count) ?? 0) - everyday;
  return {
    text: say?.(entity) ?? (typeof text === "string" ? text : entity.state),
    severity: severity === "fault" ? "fault" : "warning",
    since: Number.isNaN(seen) ? null : seen,
    others: Math.max(0, count - 1),
  };
}
