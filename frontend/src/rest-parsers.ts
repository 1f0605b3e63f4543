// Parses REST answers: the equipment, today's energies, a running dispatch, why a stop failed; pure.
import { asNumber, asObject } from "./messages";
import type { Texts } from "./translations";

export interface Equipment {
  readonly solar: boolean;
  readonly battery: boolean;
  readonly capacityKwh: number | null;
}

/** Used until the equipment is known. */
export const DEFAULT_EQUIPMENT: Equipment = { solar: true, battery: true, capacityKwh: null };

/** The field names of each energy in a row: of the compatible history API, then of our own. */
const ENERGY_FIELDS = {
  pv: ["pv_energy_kwh", "pv"],
  gridImport: ["grid_import_kwh", "gridImport"],
  gridExport: ["grid_export_kwh", "gridExport"],
  batteryCharge: ["battery_charge_kwh", "batteryCharge"],
  batteryDischarge: ["battery_discharge_kwh", "batteryDischarge"],
  load: ["load_consumption_kwh", "load"],
} as const;

/** Energies since midnight in kWh; null where the recorder has no value. */
export type Energies = Readonly<Record<keyof typeof ENERGY_FIELDS, number | null>>;

/** What a hold keeps the battery from doing. */
export const HOLD_BLOCKS = ["both", "discharge", "charge"] as const;
export type HoldBlock = (typeof HOLD_BLOCKS)[number];

export interface Dispatch {
  readonly kind: "charge" | "discharge" | "hold" | "grid" | "other";
  /** Null for an order that is no hold. */
  readonly block: HoldBlock | null;
  readonly isOurs: boolean;
  /** Power of the battery; with a grid target of the meter, positive to import. */
  readonly watts: number | null;
  readonly targetSoc: number | null;
  readonly atTarget: boolean;
  /** In milliseconds of this page's clock; null for a dispatch of another program. */
  readonly endsAt: number | null;
}

export function parseEquipment(answer: unknown): Equipment {
  const { battery, pv } = asObject(answer);
  const { strings, acCoupled } = asObject(pv);
  const capacityKwh = asNumber(asObject(battery)["capacity"]);
  const hasNoStrings = strings === 0 || (Array.isArray(strings) && strings.length === 0);
  return {
    solar: !hasNoStrings || Boolean(acCoupled),
    battery: battery !== null && capacityKwh !== 0,
    capacityKwh,
  };
}

export function parseEnergies(answer: unknown): Energies | null {
  const rows = Array.isArray(answer) ? answer : Object.values(asObject(answer)).find(Array.isArray);
  if (rows === undefined || rows.length === 0) return null;
  const total = (key: keyof Energies): number | null => {
    const [compatibleName, name] = ENERGY_FIELDS[key];
    const values = rows
      .map(asObject)
      .map((row) => asNumber(row[compatibleName]) ?? asNumber(row[name]))
      .filter((value) => value !== null);
    return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0);
  };
  return {
    pv: total("pv"),
    gridImport: total("gridImport"),
    gridExport: total("gridExport"),
    batteryCharge: total("batteryCharge"),
    batteryDischarge: total("batteryDischarge"),
    load: total("load"),
  };
}

/** The share of the load that was not imported from the grid, in percent. */
export function selfSufficiency(energies: Energies): number | null {
  const { load, gridImport } = energies;
  if (load === null || gridImport === null || load <= 0) return null;
  return Math.min(100, Math.max(0, (1 - gridImport / load) * 100));
}

/** The modes that use power and target SOC. Only other programs use other modes; the inverter may ignore both values there. */
const TARGET_MODES: readonly unknown[] = ["soc_control", "osw_soc_control"];

export function parseDispatch(answer: unknown, now: number): Dispatch | null {
  const status = asObject(answer);
  if (status["active"] !== true) return null;
  const remaining = asNumber(status["remaining"]);
  const gridTarget = asNumber(asObject(status["gridTarget"])["power"]);
  const block = HOLD_BLOCKS.find((each) => each === status["block"]) ?? null;
  return {
    kind: gridTarget !== null ? "grid" : block === null ? dispatchKind(status) : "hold",
    block,
    isOurs: status["controlledBy"] === "alphaess_live",
    watts: gridTarget ?? asNumber(status["power"]),
    targetSoc: asNumber(status["targetSoc"]),
    atTarget: status["targetReached"] === true,
    endsAt: remaining === null ? null : now + remaining * 1000,
  };
}

function dispatchKind(status: ReturnType<typeof asObject>): Dispatch["kind"] {
  if (!TARGET_MODES.includes(status["mode"])) return "other";
  if (status["charging"] === true) return "charge";
  return status["discharging"] === true ? "discharge" : "hold";
}

/** The SOC in percent that the battery will reach at this power. Null if the battery does not follow the dispatch. */
export function forecastTarget(watts: number, dispatch: Dispatch | null): number | null {
  const [kind, end] = watts < 0 ? (["charge", 100] as const) : (["discharge", 0] as const);
  if (dispatch === null) return end;
  if (dispatch.block !== null) return dispatch.block === "both" || dispatch.block === kind ? null : end;
  return dispatch.kind === kind ? (dispatch.targetSoc ?? end) : null;
}

/** Hours until the battery reaches the target SOC at this power, or null if a forecast is not meaningful. */
export function hoursToTarget(
  target: number | null,
  soc: number | null,
  watts: number,
  capacityKwh: number | null,
): number | null {
  if (target === null || soc === null || capacityKwh === null || Math.abs(watts) < 100) return null;
  const share = watts < 0 ? target - soc : soc - target;
  const hours = ((share / 100) * capacityKwh) / (Math.abs(watts) / 1000);
  return share <= 0 || hours > 48 ? null : hours;
}

/** Rounds hours to seconds in steps of 5 min, 10 min above 1 h, 1 h above 6 h, so that the forecast does not flicker. */
export function roundDuration(hours: number): number {
  const step = hours < 1 ? 5 : hours < 6 ? 10 : 60;
  return Math.max(step, Math.round((hours * 60) / step) * step) * 60;
}

/** The translation key of a reason why an order failed. */
export type FailureReason = Extract<keyof Texts, `stop_${string}` | "no_answer" | "unknown_cause">;

/** By error code of the REST API. Its other codes mean a mistake in the card. */
const FAILURE_REASONS = new Map<unknown, FailureReason>([
  ["foreign_dispatch", "stop_foreign"],
  // The card's fields are valid: only what they need of the inverter is unknown.
  ["invalid_request", "stop_too_early"],
  ["control_not_permitted", "stop_forbidden"],
  ["read_not_permitted", "stop_forbidden"],
  ["not_applied", "stop_not_applied"],
  ["modbus_disconnected", "unknown_cause"],
  ["no_answer", "unknown_cause"],
  ["outcome_unknown", "unknown_cause"],
  ["no_inverter", "stop_not_configured"],
  ["unknown_inverter", "stop_not_configured"],
]);

export interface OrderFailure {
  readonly order: "stop" | "hold";
  readonly reason: FailureReason;
}

export function parseFailureReason(error: unknown): FailureReason {
  const { body, status_code } = asObject(error);
  if (asNumber(status_code) === null) return "no_answer";
  return FAILURE_REASONS.get(asObject(body)["error"]) ?? "stop_error";
}
