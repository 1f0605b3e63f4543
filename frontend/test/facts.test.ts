// What the REST answers mean, and what a card makes of odd ones.
import { describe, expect, test } from "vitest";
import { calmly, dispatchOf, energiesOf, equipmentOf, goalOf, hoursTo, ownShare, USUAL } from "../src/facts";
import { NOON } from "./samples";

describe("the equipment", () => {
  test("is read from the architecture", () => {
    const answer = { battery: { capacity: 10.1 }, pv: { strings: 2, acCoupled: false } };
    expect(equipmentOf(answer)).toEqual({ solar: true, battery: true, capacity: 10.1 });
  });

  test.each([
    [
      { pv: { strings: 0, acCoupled: false }, battery: { capacity: 10 } },
      { solar: false, battery: true },
    ],
    [
      { pv: { strings: [], acCoupled: null }, battery: { capacity: 10 } },
      { solar: false, battery: true },
    ],
    [
      { pv: { strings: 0, acCoupled: true }, battery: null },
      { solar: true, battery: false },
    ],
    [
      { pv: { strings: 2 }, battery: { capacity: 0 } },
      { solar: true, battery: false },
    ],
  ])("may lack a part: %j", (answer, expected) => {
    expect(equipmentOf(answer)).toMatchObject(expected);
  });

  test.each([[null], ["nonsense"], [{}]])(
    "is the usual one as long as nobody says otherwise: %j",
    (answer) => {
      expect(equipmentOf(answer)).toEqual(USUAL);
    },
  );
});

describe("today's energies", () => {
  const rows = [
    { pv: 1.5, gridImport: 0.5, gridExport: null, batteryCharge: 1, batteryDischarge: 0, load: 1 },
    { pv: 2.5, gridImport: 0.5, gridExport: null, batteryCharge: null, batteryDischarge: 0, load: 3 },
  ];

  test("are the sum of the hours, and unknown where no hour knows", () => {
    const sums = { pv: 4, gridImport: 1, gridExport: null, batteryCharge: 1, batteryDischarge: 0, load: 4 };
    expect(energiesOf(rows)).toEqual(sums);
    expect(energiesOf({ unit: "kWh", rows })).toEqual(sums);
  });

  test("are read by the names of the followed system too", () => {
    const row = {
      timestamp: "x",
      battery_soc: 50,
      pv_energy_kwh: 2,
      grid_import_kwh: 1,
      load_consumption_kwh: 3,
    };
    expect(energiesOf([row, row])).toMatchObject({ pv: 4, gridImport: 2, gridExport: null, load: 6 });
  });

  test.each([[null], [[]], [{ rows: [] }], ["no"]])("are not shown when there are none: %j", (answer) => {
    expect(energiesOf(answer)).toBeNull();
  });

  test("tell how much of the use was the home's own", () => {
    const of = (load: number | null, gridImport: number | null): number | null => {
      const energies = energiesOf([{ load, gridImport }]);
      return energies === null ? null : ownShare(energies);
    };
    expect(of(4, 1)).toBe(75);
    expect(of(4, 9)).toBe(0);
    expect(of(0, 0)).toBeNull();
    expect(of(null, 1)).toBeNull();
  });
});

describe("a dispatch", () => {
  const active = {
    active: true,
    mode: "soc_control",
    charging: true,
    power: 3000,
    targetSoc: 90,
    remaining: 60,
    controlledBy: "alphaess_live",
  };

  test("of ours ends at a known time", () => {
    const expected = { kind: "charge", ours: true, power: 3000, targetSoc: 90, endsAt: NOON + 60_000 };
    expect(dispatchOf(active, NOON)).toEqual(expected);
  });

  test("of somebody else's has no known end", () => {
    const foreign = { ...active, charging: false, remaining: null, controlledBy: "other" };
    expect(dispatchOf({ ...foreign, discharging: true }, NOON)).toMatchObject({
      kind: "discharge",
      ours: false,
      endsAt: null,
    });
    expect(dispatchOf(foreign, NOON)).toMatchObject({ kind: "hold" });
  });

  test("in a mode of its own is not said to charge to a target, which it may ignore", () => {
    const other = dispatchOf({ ...active, mode: "load_following", controlledBy: "other" }, NOON);
    expect(other).toMatchObject({ kind: "other", ours: false });
    expect(goalOf(-2000, other)).toBeNull();
  });

  test.each([[null], [{ active: false }], [{}]])("that does not run is none: %j", (answer) => {
    expect(dispatchOf(answer, NOON)).toBeNull();
  });
});

describe("what the battery is on its way to", () => {
  const charge = { kind: "charge", ours: true, power: 3000, targetSoc: 90, endsAt: null } as const;

  test("is full or empty, or what a dispatch says", () => {
    expect([goalOf(-2000, null), goalOf(2000, null)]).toEqual([100, 0]);
    expect(goalOf(-2000, charge)).toBe(90);
    expect(goalOf(2000, { ...charge, kind: "discharge", targetSoc: 20 })).toBe(20);
    expect(goalOf(-2000, { ...charge, targetSoc: null })).toBe(100);
  });

  test("nobody knows while it does something else than it was told to", () => {
    expect(goalOf(2000, charge)).toBeNull();
    expect(goalOf(-2000, { ...charge, kind: "hold" })).toBeNull();
  });

  test("takes as long as what is missing or left", () => {
    expect(hoursTo(100, 80, -2000, 10)).toBeCloseTo(1);
    expect(hoursTo(90, 80, -2000, 10)).toBeCloseTo(0.5);
    expect(hoursTo(0, 80, 2000, 10)).toBeCloseTo(4);
    expect(hoursTo(20, 80, 2000, 10)).toBeCloseTo(3);
  });

  test.each([
    [null, 80, -2000, 10],
    [100, null, -2000, 10],
    [100, 80, -2000, null],
    [0, 80, 30, 10],
    [0, 99, 110, 10],
    [90, 90, -2000, 10],
    [90, 95, -2000, 10],
  ])("is not guessed: to %s %% from %s %%, %s W, %s kWh", (goal, soc, power, capacity) => {
    expect(hoursTo(goal, soc, power, capacity)).toBeNull();
  });

  test("does not flicker", () => {
    expect([0.01, 0.5, 0.52, 1.3, 14.8].map(calmly)).toEqual([300, 1800, 1800, 4800, 54_000]);
  });
});
