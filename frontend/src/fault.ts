// The most serious active fault or warning, from the attributes of the faults sensor; pure.
import type { EntityState } from "./ha";
import { asNumber, asObject } from "./messages";

export interface Fault {
  readonly text: string;
  readonly severity: "fault" | "warning";
  /** When it was first active, in milliseconds of the server's clock. */
  readonly since: number | null;
  /** How many other faults and warnings are active. */
  readonly otherCount: number;
}

type FormatState = (entity: EntityState) => string;

/** Parses the sensor only when it has changed, because Home Assistant reports each change of any entity. */
export class FaultMemo {
  fault: Fault | null = null;
  #entity: EntityState | undefined;
  #formatState: FormatState | undefined;

  /** Returns whether anything has changed. */
  update(entity: EntityState | undefined, formatState: FormatState | undefined): boolean {
    if (entity === this.#entity && formatState === this.#formatState) return false;
    this.#entity = entity;
    this.#formatState = formatState;
    this.fault = parseFault(entity, formatState);
    return true;
  }
}

/** Parses the faults sensor. `formatState` translates its state; the attributes hold English texts. */
export function parseFault(
  entity: EntityState | undefined,
  formatState: FormatState | undefined,
): Fault | null {
  const { active, fault_count, warning_count, everyday_count } = asObject(entity?.attributes);
  // Routine warnings, such as no sun at night, are listed too, but the state is "none" then.
  const worst = Array.isArray(active)
    ? active.map(asObject).find(({ code }) => code === entity?.state)
    : undefined;
  if (entity === undefined || worst === undefined) return null;
  const { text, severity, since } = worst;
  const firstSeen = typeof since === "string" ? Date.parse(since) : NaN;
  // Routine warnings are not counted as other faults.
  const routineCount = asNumber(everyday_count) ?? 0;
  const count = (asNumber(fault_count) ?? 0) + (asNumber(warning_count) ?? 0) - routineCount;
  return {
    text: formatState?.(entity) ?? (typeof text === "string" ? text : entity.state),
    severity: severity === "fault" ? "fault" : "warning",
    since: Number.isNaN(firstSeen) ? null : firstSeen,
    otherCount: Math.max(0, count - 1),
  };
}
