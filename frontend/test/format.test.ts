// Formats of powers, energies, times and durations for different user settings.
import { describe, expect, test } from "vitest";
import { fillPlaceholders, Format } from "../src/format";
import { de } from "../src/translations/de";
import { en } from "../src/translations/en";
import { ENGLISH, format, NOON } from "./samples";

const toText = ({ value, unit }: { value: string; unit: string }): string => `${value} ${unit}`;

describe("a power", () => {
  test.each([
    [0, "0 W"],
    [-0.4, "0 W"],
    [653.2, "653 W"],
    [999.4, "999 W"],
    [999.6, "1.00 kW"],
    [1234, "1.23 kW"],
    [-3120, "3.12 kW"],
    [9_994, "9.99 kW"],
    [9_996, "10.0 kW"],
    [12_345, "12.3 kW"],
    [null, "– W"],
  ])("of %s W is formatted as %s", (watts, text) => {
    expect(toText(format.power(watts))).toBe(text);
  });

  test("setpoint has no trailing zeros", () => {
    expect([3000, 2500, 800, null].map((watts) => toText(format.setpoint(watts)))).toEqual([
      "3 kW",
      "2.5 kW",
      "800 W",
      "– W",
    ]);
  });
});

describe("an energy", () => {
  test.each([
    [0, "0.0 kWh"],
    [18.34, "18.3 kWh"],
    [123.4, "123 kWh"],
    [null, "– kWh"],
  ])("of %s kWh is formatted as %s", (energy, text) => {
    expect(toText(format.energy(energy))).toBe(text);
  });
});

describe("the number format", () => {
  test.each([
    ["comma_decimal", "1.23"],
    ["decimal_comma", "1,23"],
    ["space_comma", "1,23"],
    ["quote_decimal", "1.23"],
    ["language", "1,23"],
    ["none", "1.23"],
  ])("%s writes %s", (number_format, text) => {
    const german = new Format({ language: "de", number_format, time_format: "language" }, de, "UTC");
    expect(german.power(1230).value).toBe(text);
  });

  test("system is applied", () => {
    const system = new Format({ ...ENGLISH, number_format: "system", time_format: "system" }, en, "UTC");
    expect(system.power(1230).value).toBe(
      new Intl.NumberFormat(undefined, { minimumFractionDigits: 2 }).format(1.23),
    );
  });

  test("percent follows the language", () => {
    expect(format.percent(78)).toBe("78%");
    const german = new Format({ ...ENGLISH, language: "de" }, de, "UTC");
    expect(german.percent(78).replace(/\s/u, " ")).toBe("78 %");
    expect(format.percent(null)).toBe("–");
  });
});

describe("a time", () => {
  const clock = (time_format: string, time_zone: string): string =>
    new Format({ ...ENGLISH, time_format, time_zone }, en, "Asia/Tokyo").time(NOON, NOON);

  test("uses the user's hour format and time zone", () => {
    expect(clock("24", "server")).toBe("21:00");
    expect(clock("12", "server").replace(/\s/u, " ")).toBe("9:00 PM");
  });

  test("of another day includes the date", () => {
    const tokyo = new Format({ ...ENGLISH, time_zone: "server" }, en, "Asia/Tokyo");
    expect(tokyo.asOf(NOON, NOON + 24 * 3_600_000)).toBe("as of Jun 21, 21:00");
  });
});

describe("a duration", () => {
  test.each([
    [0, "0 s"],
    [59.9, "59 s"],
    [60, "1 min"],
    [3599, "59 min"],
    [3600, "1 h"],
    [4800, "1 h 20 min"],
    [86_400, "1 d"],
    [200_000, "2 d"],
  ])("of %s s is formatted as %s", (seconds, text) => {
    expect(format.duration(seconds)).toBe(text);
  });

  test("of a future time is an age of 0 s", () => {
    expect(format.age(-3)).toBe("0 s ago");
  });
});

test("a placeholder without a value stays in the text", () => {
  expect(fillPlaceholders("{a} and {b}", { a: "1" })).toBe("1 and {b}");
});
