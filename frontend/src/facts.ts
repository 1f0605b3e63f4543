// What the REST answers tell a card, beyond the live values: the equipment, today's energies, a running dispatch; pure.
import { number, object } from "./wire";

export interface Equipment {
  readonly solar: boolean;
  readonly battery: boolean;
  /** What the battery holds when full, in kWh. */
  readonly capacity: number | null;
}

/** Until the inverter has said otherwise it is a usual one. */
export const USUAL: Equipment = { solar: true, battery: true, capacity: null };

/** What the rows of the day call each energy: the name of the system that the REST paths follow, then our own. */
const COLUMNS = {
  pv: ["pv_energy_kwh", "pv"],
  gridImport: ["grid_import_kwh", "gridImport"],
  gridExport: ["grid_export_kwh", "gridExport"],
  batteryCharge: ["battery_charge_kwh", "batteryCharge"],
  batteryDischarge: ["battery_discharge_kwh", "batteryDischarge"],
  load: ["load_consumption_kwh", "load"],
} as const;

/** kWh since midnight; null where the recorder knows nothing. */
export type Energies = Readonly<Record<keyof typeof COLUMNS, number | null>>;

export interface Dispatch {
  readonly kind: "charge" | "discharge" | "hold" | "other";
  readonly ours: boolean;
  readonly power: number | null;
  readonly targetSoc: number | null;
  /** On this page's clock; null for a dispatch that somebody else started. */
  readonly endsAt: number | null;
}

export function equipmentOf(answer: unknown): Equipment {
  const { battery, pv } = object(answer);
  const { strings, acCoupled } = object(pv);
  const capacity = number(object(battery)["capacity"]);
  const stringless = strings === 0 || (Array.isArray(strings) && strings.length === 0);
  return { solar: !stringless || Boolean(acCoupled), battery: battery !== null && capacity !== 0, capacity };
}

export function energiesOf(answer: unknown): Energies | null {
  const rows = Array.isArray(answer) ? answer : Object.values(object(answer)).find(Array.isArray);
  if (rows === undefined || rows.length === 0) return null;
  const total = (key: keyof Energies): number | null => {
    const [followed, own] = COLUMNS[key];
    const values = rows
      .map(object)
      .map((row) => number(row[followed]) ?? number(row[own]))
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

/** The share of what the home used that did not come from the grid, in percent. */
export function ownShare(energies: Energies): number | null {
  const { load, gridImport } = energies;
  if (load === null || gridImport === null || load <= 0) return null;
  return Math.min(100, Math.max(0, (1 - gridImport / load) * 100));
}

/** The modes that follow power and target. In any other one, which only somebody else orders, these may mean nothing. */
const STEERED: readonly unknown[] = ["soc_control", "osw_soc_control"];

export function dispatchOf(answer: unknown, now: number): Dispatch | null {
  const status = object(answer);
  if (status["active"] !== true) return null;
  const remaining = number(status["remaining"]);
  return {
    kind: kindOf(status),
    ours: status["controlledBy"] === "alphaess_live",
    power: number(status["power"]),
    targetSoc: number(status["targetSoc"]),
    endsAt: remaining === null ? null : now + remaining * 1000,
  };
}

function kindOf(status: ReturnType<typeof object>): Dispatch["kind"] {
  if (!STEERED.includes(status["mode"])) return "other";
  if (status["charging"] === true) return "charge";
  return status["discharging"] === true ? "discharge" : "hold";
}

/** What the battery is on its way to, in percent; null while it does something else than it was told to. */
export function goalOf(power: number, dispatch: Dispatch | null): number | null {
  const [way, end] = power < 0 ? (["charge", 100] as const) : (["discharge", 0] as const);
  if (dispatch === null) return end;
  return dispatch.kind === way ? (dispatch.targetSoc ?? end) : null;
}

/** Hours until the battery has reached its goal at this power, or null where that says nothing. */
export function hoursTo(
  goal: number | null,
  soc: number | null,
  power: number,
  capacity: number | null,
): number | null {
  if (goal === null || soc === null || capacity === null || Math.abs(power) < 100) return null;
  const share = power < 0 ? goal - soc : soc - goal;
  const hours = ((share / 100) * capacity) / (Math.abs(power) / 1000);
  return share <= 0 || hours > 48 ? null : hours;
}

/** A forecast that flickers is no forecast: five-minute steps, ten above an hour, whole hours above six. In seconds. */
export function calmly(hours: number): number {
  const step = hours < 1 ? 5 : hours < 6 ? 10 : 60;
  return Math.max(step, Math.round((hours * 60) / step) * step) * 60;
}
