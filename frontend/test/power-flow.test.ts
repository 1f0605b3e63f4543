// Distribution of the measured powers: no watt is added or lost.
import { describe, expect, test } from "vitest";
import type { Power } from "../src/messages";
import { distributePower, homeShares, type Flow, type PowerNode } from "../src/power-flow";
import { POWER } from "./samples";

/** Pseudo-random powers, the same in each run. */
function randomPowers(count: number): readonly Power[] {
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

function sum(flows: readonly Flow[], side: "from" | "to", node: PowerNode): number {
  return flows.filter((flow) => flow[side] === node).reduce((total, { watts }) => total + watts, 0);
}

function wattsBetween(flows: readonly Flow[], a: PowerNode, b: PowerNode): number {
  return flows.find(({ from, to }) => from === a && to === b)?.watts ?? 0;
}

describe("distributePower", () => {
  test("supplies the home from solar power first, then battery, then grid", () => {
    const flows = distributePower(POWER).filter(({ watts }) => watts > 0);
    expect(flows).toEqual([
      { from: "solar", to: "home", watts: 1640 },
      { from: "solar", to: "battery", watts: 3120 },
      { from: "solar", to: "grid", watts: 1480 },
    ]);
  });

  test("distributes all measured powers completely", () => {
    for (const power of randomPowers(2000).filter(({ load }) => load !== 0)) {
      const flows = distributePower(power);
      expect(sum(flows, "from", "solar")).toBe(power.pv);
      expect(sum(flows, "to", "home")).toBe(power.load);
      expect(sum(flows, "from", "battery") - sum(flows, "to", "battery")).toBe(power.battery);
      expect(sum(flows, "from", "grid") - sum(flows, "to", "grid")).toBe(power.grid);
    }
  });

  test("distributes no more than measured if the values do not add up", () => {
    for (const power of randomPowers(500).filter(({ load }) => load === 0)) {
      const flows = distributePower(power);
      expect(sum(flows, "from", "solar")).toBeLessThanOrEqual(power.pv ?? 0);
      expect(flows.every(({ watts }) => watts >= 0)).toBe(true);
    }
  });

  test("never uses both crossing arcs at the same time", () => {
    for (const power of randomPowers(2000)) {
      const flows = distributePower(power);
      expect(Math.min(wattsBetween(flows, "solar", "battery"), wattsBetween(flows, "grid", "home"))).toBe(0);
    }
  });

  test("treats a missing value as 0 W", () => {
    const flows = distributePower({ soc: null, battery: null, pv: null, grid: 500, load: 500 });
    expect(flows.filter(({ watts }) => watts > 0)).toEqual([{ from: "grid", to: "home", watts: 500 }]);
  });

  test("homeShares gives the sources of the home", () => {
    const shares = homeShares(distributePower({ soc: 50, battery: 600, pv: 300, grid: 100, load: 1000 }));
    expect(shares.map(({ from, share }) => [from, share])).toEqual([
      ["solar", 0.3],
      ["battery", 0.6],
      ["grid", 0.1],
    ]);
    expect(homeShares(distributePower({ ...POWER, load: 0 })).every(({ share }) => share === 0)).toBe(true);
  });
});
