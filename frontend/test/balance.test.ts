// Watts are shared out, never made or lost.
import { describe, expect, test } from "vitest";
import { balance, homeShares, type Flow, type Place } from "../src/balance";
import type { Power } from "../src/wire";
import { POWER } from "./samples";

/** Many different moments, the same ones in each run. */
function moments(count: number): readonly Power[] {
  let seed = 7;
  const next = (from: number, to: number): number => {
    seed = (seed * 16_807) % 2_147_483_647;
    return Math.round(from + (seed / 2_147_483_647) * (to - from));
  };
  return Array.from({ length: count }, () => {
    const [pv, battery, grid] = [next(0, 10_000), next(-5000, 5000), next(-10_000, 10_000)];
    return { soc: 50, pv, battery, grid, load: Math.max(0, pv + battery + grid) };
  });
}

function sum(flows: readonly Flow[], side: "from" | "to", place: Place): number {
  return flows.filter((flow) => flow[side] === place).reduce((total, { watts }) => total + watts, 0);
}

function between(flows: readonly Flow[], a: Place, b: Place): number {
  return flows.find(({ from, to }) => from === a && to === b)?.watts ?? 0;
}

describe("the balance", () => {
  test("serves the home from the sun first, then fills the battery, then the grid", () => {
    const flows = balance(POWER).filter(({ watts }) => watts > 0);
    expect(flows).toEqual([
      { from: "solar", to: "home", watts: 1640 },
      { from: "solar", to: "battery", watts: 3120 },
      { from: "solar", to: "grid", watts: 1480 },
    ]);
  });

  test("brings every watt that is given to somebody who takes it", () => {
    for (const power of moments(2000).filter(({ load }) => load !== 0)) {
      const flows = balance(power);
      expect(sum(flows, "from", "solar")).toBe(power.pv);
      expect(sum(flows, "to", "home")).toBe(power.load);
      expect(sum(flows, "from", "battery") - sum(flows, "to", "battery")).toBe(power.battery);
      expect(sum(flows, "from", "grid") - sum(flows, "to", "grid")).toBe(power.grid);
    }
  });

  test("gives away no more than there is, even when the measured values do not add up", () => {
    for (const power of moments(500).filter(({ load }) => load === 0)) {
      const flows = balance(power);
      expect(sum(flows, "from", "solar")).toBeLessThanOrEqual(power.pv ?? 0);
      expect(flows.every(({ watts }) => watts >= 0)).toBe(true);
    }
  });

  test("never sends power along both lines that cross in the drawing", () => {
    for (const power of moments(2000)) {
      const flows = balance(power);
      expect(Math.min(between(flows, "solar", "battery"), between(flows, "grid", "home"))).toBe(0);
    }
  });

  test("takes a missing value for nothing", () => {
    const flows = balance({ soc: null, battery: null, pv: null, grid: 500, load: 500 });
    expect(flows.filter(({ watts }) => watts > 0)).toEqual([{ from: "grid", to: "home", watts: 500 }]);
  });

  test("says what the home lives on", () => {
    const shares = homeShares(balance({ soc: 50, battery: 600, pv: 300, grid: 100, load: 1000 }));
    expect(shares.map(({ from, share }) => [from, share])).toEqual([
      ["solar", 0.3],
      ["battery", 0.6],
      ["grid", 0.1],
    ]);
    expect(homeShares(balance({ ...POWER, load: 0 })).every(({ share }) => share === 0)).toBe(true);
  });
});
