// Who feeds whom: shares the watts of one moment out between the sun, the grid, the battery and the home; pure.
import type { Power } from "./wire";

export type Place = "solar" | "grid" | "battery" | "home";

export interface Flow {
  readonly from: Place;
  readonly to: Place;
  readonly watts: number;
}

/** The order in which needs are met: the sun serves the home first, and the grid fills in last. */
const ORDER: readonly (readonly [from: Place, to: Place])[] = [
  ["solar", "home"],
  ["solar", "battery"],
  ["solar", "grid"],
  ["battery", "home"],
  ["battery", "grid"],
  ["grid", "home"],
  ["grid", "battery"],
];

/** Every flow in `ORDER`, most of them 0 W. No place gives or takes more than it was measured to. */
export function balance(power: Power): readonly Flow[] {
  const give = givers(power);
  const take = takers(power);
  return ORDER.map(([from, to]) => {
    const watts = Math.min(give[from], take[to]);
    give[from] -= watts;
    take[to] -= watts;
    return { from, to, watts };
  });
}

/** How much of what the home uses comes from each place, as shares that add up to 1 (or to 0 while it uses nothing). */
export function homeShares(
  flows: readonly Flow[],
): readonly { readonly from: Place; readonly share: number }[] {
  const feeding = flows.filter((flow) => flow.to === "home");
  const total = feeding.reduce((sum, flow) => sum + flow.watts, 0);
  return feeding.map((flow) => ({ from: flow.from, share: total > 0 ? flow.watts / total : 0 }));
}

function givers(power: Power): Record<Place, number> {
  return { solar: above(power.pv), grid: above(power.grid), battery: above(power.battery), home: 0 };
}

function takers(power: Power): Record<Place, number> {
  return { solar: 0, grid: below(power.grid), battery: below(power.battery), home: above(power.load) };
}

function above(watts: number | null): number {
  return Math.max(0, watts ?? 0);
}

function below(watts: number | null): number {
  return Math.max(0, -(watts ?? 0));
}
