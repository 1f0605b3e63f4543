// Parsing of REST answers, also of incomplete and unexpected ones.
import { describe, expect, test } from "vitest";
import {
  DEFAULT_EQUIPMENT,
  forecastTarget,
  hoursToTarget,
  parseDispatch,
  parseEnergies,
  parseEquipment,
  parseFailureReason,
  roundDuration,
  selfSufficiency,
} from "../src/rest-parsers";
import { LANGUAGES } from "../src/translations";
import { en } from "../src/translations/en";
import { CHARGE, NOON } from "./samples";

describe("parseEquipment", () => {
  test("reads the architecture", () => {
    const answer = { battery: { capacity: 10.1 }, pv: { strings: 2, acCoupled: false } };
    expect(parseEquipment(answer)).toEqual({ solar: true, battery: true, capacityKwh: 10.1 });
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
  ])("recognizes missing parts: %j", (answer, expected) => {
    expect(parseEquipment(answer)).toMatchObject(expected);
  });

  test.each([[null], ["nonsense"], [{}]])("gives the default equipment for %j", (answer) => {
    expect(parseEquipment(answer)).toEqual(DEFAULT_EQUIPMENT);
  });
});

describe("parseEnergies", () => {
  const rows = [
    { pv: 1.5, gridImport: 0.5, gridExport: null, batteryCharge: 1, batteryDischarge: 0, load: 1 },
    { pv: 2.5, gridImport: 0.5, gridExport: null, batteryCharge: null, batteryDischarge: 0, load: 3 },
  ];

  test("adds up the hours and gives null if no hour has a value", () => {
    const sums = { pv: 4, gridImport: 1, gridExport: null, batteryCharge: 1, batteryDischarge: 0, load: 4 };
    expect(parseEnergies(rows)).toEqual(sums);
    expect(parseEnergies({ unit: "kWh", rows })).toEqual(sums);
  });

  test("accepts the field names of the compatible API", () => {
    const row = {
      timestamp: "x",
      battery_soc: 50,
      pv_energy_kwh: 2,
      grid_import_kwh: 1,
      load_consumption_kwh: 3,
    };
    expect(parseEnergies([row, row])).toMatchObject({ pv: 4, gridImport: 2, gridExport: null, load: 6 });
  });

  test.each([[null], [[]], [{ rows: [] }], ["no"]])("gives null for %j", (answer) => {
    expect(parseEnergies(answer)).toBeNull();
  });

  test("selfSufficiency is the share of the load without import", () => {
    const of = (load: number | null, gridImport: number | null): number | null => {
      const energies = parseEnergies([{ load, gridImport }]);
      return energies === null ? null : selfSufficiency(energies);
    };
    expect(of(4, 1)).toBe(75);
    expect(of(4, 9)).toBe(0);
    expect(of(0, 0)).toBeNull();
    expect(of(null, 1)).toBeNull();
  });
});

describe("parseDispatch", () => {
  const active = {
    active: true,
    mode: "soc_control",
    charging: true,
    power: 3000,
    targetSoc: 90,
    remaining: 60,
    controlledBy: "alphaess_live",
  };

  test("gives the end of our dispatch", () => {
    const expected = {
      kind: "charge",
      block: null,
      isOurs: true,
      watts: 3000,
      targetSoc: 90,
      atTarget: false,
      endsAt: NOON + 60_000,
    };
    expect(parseDispatch(active, NOON)).toEqual(expected);
  });

  test("gives whether the target is reached", () => {
    expect(parseDispatch({ ...active, targetReached: true }, NOON)).toMatchObject({ atTarget: true });
  });

  test("gives no end for a dispatch of another program", () => {
    const foreign = { ...active, charging: false, remaining: null, controlledBy: "other" };
    expect(parseDispatch({ ...foreign, discharging: true }, NOON)).toMatchObject({
      kind: "discharge",
      isOurs: false,
      endsAt: null,
    });
    expect(parseDispatch(foreign, NOON)).toMatchObject({ kind: "hold" });
  });

  test("gives the kind other for modes without a target", () => {
    const other = parseDispatch({ ...active, mode: "load_following", controlledBy: "other" }, NOON);
    expect(other).toMatchObject({ kind: "other", isOurs: false });
    expect(forecastTarget(-2000, other)).toBeNull();
  });

  test("gives the power of a grid target, and forecasts nothing", () => {
    const target = parseDispatch({ ...active, gridTarget: { power: -500 } }, NOON);
    expect(target).toMatchObject({ kind: "grid", watts: -500 });
    expect(forecastTarget(2000, target)).toBeNull();
  });

  test("gives what a hold blocks, and forecasts the other direction", () => {
    const hold = parseDispatch({ ...active, mode: "charge_from_pv", block: "discharge" }, NOON);
    expect(hold).toMatchObject({ kind: "hold", block: "discharge" });
    expect([forecastTarget(-2000, hold), forecastTarget(2000, hold)]).toEqual([100, null]);
    const charge = parseDispatch({ ...active, block: "charge" }, NOON);
    expect([forecastTarget(-2000, charge), forecastTarget(2000, charge)]).toEqual([null, 0]);
    expect(forecastTarget(-2000, parseDispatch({ ...active, block: "both" }, NOON))).toBeNull();
  });

  test.each([[null], [{ active: false }], [{}]])("gives null without a running dispatch: %j", (answer) => {
    expect(parseDispatch(answer, NOON)).toBeNull();
  });
});

describe("the battery forecast", () => {
  test("targets full, empty, or the target of the dispatch", () => {
    expect([forecastTarget(-2000, null), forecastTarget(2000, null)]).toEqual([100, 0]);
    expect(forecastTarget(-2000, CHARGE)).toBe(90);
    expect(forecastTarget(2000, { ...CHARGE, kind: "discharge", targetSoc: 20 })).toBe(20);
    expect(forecastTarget(-2000, { ...CHARGE, targetSoc: null })).toBe(100);
  });

  test("has no target while the battery does not follow the dispatch", () => {
    expect(forecastTarget(2000, CHARGE)).toBeNull();
    expect(forecastTarget(-2000, { ...CHARGE, kind: "hold" })).toBeNull();
  });

  test("gives the hours until the target", () => {
    expect(hoursToTarget(100, 80, -2000, 10)).toBeCloseTo(1);
    expect(hoursToTarget(90, 80, -2000, 10)).toBeCloseTo(0.5);
    expect(hoursToTarget(0, 80, 2000, 10)).toBeCloseTo(4);
    expect(hoursToTarget(20, 80, 2000, 10)).toBeCloseTo(3);
  });

  test.each([
    [null, 80, -2000, 10],
    [100, null, -2000, 10],
    [100, 80, -2000, null],
    [0, 80, 30, 10],
    [0, 99, 110, 10],
    [90, 90, -2000, 10],
    [90, 95, -2000, 10],
  ])("is null for target %s %%, SOC %s %%, %s W, %s kWh", (target, soc, watts, capacity) => {
    expect(hoursToTarget(target, soc, watts, capacity)).toBeNull();
  });

  test("is rounded to coarse steps", () => {
    expect([0.01, 0.5, 0.52, 1.3, 14.8].map(roundDuration)).toEqual([300, 1800, 1800, 4800, 54_000]);
  });
});

const ENGLISH = "An English error message.";
const answer = (error: unknown, status_code = 409): unknown => ({
  error: `Response error: ${status_code}`,
  status_code,
  body: { error, message: ENGLISH },
});

describe("parseFailureReason", () => {
  test.each([
    ["foreign_dispatch", "Another program controls the battery now."],
    [
      "control_not_permitted",
      "You have no permission to control the inverter, or its controls are switched off.",
    ],
    [
      "read_not_permitted",
      "You have no permission to control the inverter, or its controls are switched off.",
    ],
    ["not_applied", "The inverter did not accept the command."],
    ["invalid_request", "The rated power of the inverter is not known yet. Try again in a minute."],
    ["modbus_disconnected", "The inverter does not answer."],
    ["unknown_inverter", "The inverter is no longer set up."],
    ["no_inverter", "The inverter is no longer set up."],
  ])("translates the code %s", (code, text) => {
    expect(en[parseFailureReason(answer(code))]).toBe(text);
  });

  test.each([
    ["an unknown code", answer("unknown_code")],
    ["a property name of objects", answer("constructor")],
    ["no code", answer(undefined)],
    ["a body that is not JSON", { status_code: 502, body: "Bad Gateway" }],
  ])("gives a general text for %s", (_, error) => {
    expect(en[parseFailureReason(error)]).toBe("Home Assistant reported an error.");
  });

  test.each([[undefined], [new TypeError("Failed to fetch")], [{ error: "Request error" }]])(
    "reports a missing answer: %s",
    (error) => {
      expect(en[parseFailureReason(error)]).toBe("Home Assistant did not answer.");
    },
  );

  test.each(["de", "nl"])("is translated to %s", (language) => {
    for (const code of ["foreign_dispatch", "not_applied", "unknown_code"]) {
      const reason = parseFailureReason(answer(code));
      expect(LANGUAGES[language]?.[reason]).not.toBe(en[reason]);
    }
  });
});
