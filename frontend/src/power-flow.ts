// Distributes the measured powers among solar, grid, battery and home: which one supplies which; pure.
import type { Power } from "./messages";

export type PowerNode = "solar" | "grid" | "battery" | "home";

export interface Flow {
  readonly from: PowerNode;
  readonly to: PowerNode;
  readonly watts: number;
}

/** The order in which demand is met: solar power supplies the home first, the grid supplies the rest. */
const PRIORITIES: readonly (readonly [from: PowerNode, to: PowerNode])[] = [
  ["solar", "home"],
  ["solar", "battery"],
  ["solar", "grid"],
  ["battery", "home"],
  ["battery", "grid"],
  ["grid", "home"],
  ["grid", "battery"],
];

/** All flows of `PRIORITIES`, most of them 0 W. No node supplies or uses more than was measured. */
export function distributePower(power: Power): readonly Flow[] {
  const supply = supplyOf(power);
  const demand = demandOf(power);
  return PRIORITIES.map(([from, to]) => {
    const watts = Math.min(supply[from], demand[to]);
    supply[from] -= watts;
    demand[to] -= watts;
    return { from, to, watts };
  });
}

/** The share of each source in the load of the home. The shares add up to 1, or to 0 without a load. */
export function homeShares(
  flows: readonly Flow[],
): readonly { readonly from: PowerNode; readonly share: number }[] {
  const homeFlows = flows.filter((flow) => flow.to === "home");
  const total = homeFlows.reduce((sum, flow) => sum + flow.watts, 0);
  return homeFlows.map((flow) => ({ from: flow.from, share: total > 0 ? flow.watts / total : 0 }));
}

function supplyOf(power: Power): Record<PowerNode, number> {
  return { solar: positive(power.pv), grid: positive(power.grid), battery: positive(power.battery), home: 0 };
}

function demandOf(power: Power): Record<PowerNode, number> {
  return {
    solar: 0,
    grid: negative(power.grid),
    battery: negative(power.battery),
    home: positive(power.load),
  };
}

function positive(watts: number | null): number {
  return Math.max(0, watts ?? 0);
}

function negative(watts: number | null): number {
  return Math.max(0, -(watts ?? 0));
}
