// What the battery says of its future while a dispatch runs: as far as that goes, and no further.
import { expect, test } from "vitest";
import "../src/main";
import { Battery } from "../src/elements/battery";
import { USUAL, type Dispatch } from "../src/facts";
import { POWER, viewOf } from "./samples";

const equipment = { ...USUAL, capacity: 10 };
const charge: Dispatch = { kind: "charge", ours: true, power: 3000, targetSoc: 90, endsAt: null };
const evening = { soc: 50, battery: 2000, pv: 0, grid: 0, load: 2000 };
const inHours = (hours: number): number => Date.now() + hours * 3_600_000;

test.each([
  ["a charge to 90 %", POWER, charge, "90% in about 25 min"],
  ["a charge to the brim", POWER, { ...charge, targetSoc: 100 }, "full in about 40 min"],
  [
    "a discharge to 20 %",
    evening,
    { ...charge, kind: "discharge", targetSoc: 20 },
    "20% in about 1 h 30 min",
  ],
  ["a charge to an end that nobody told", POWER, { ...charge, targetSoc: null }, "full in about 40 min"],
  ["a charge that lasts long enough", POWER, { ...charge, endsAt: inHours(0.5) }, "90% in about 25 min"],
  ["a charge that ends before", POWER, { ...charge, endsAt: inHours(0.3) }, ""],
  ["a charge that has reached its target", POWER, { ...charge, targetSoc: 70 }, ""],
  ["a charge that has not begun", evening, charge, ""],
  ["a hold", evening, { ...charge, kind: "hold" }, ""],
] as const)("forecasts of %s what will become of it, or nothing", async (_, power, dispatch, end) => {
  const battery = new Battery();
  battery.view = viewOf({ equipment, power, dispatch });
  document.body.append(battery);
  await battery.updateComplete;
  expect(battery.renderRoot.querySelector(".power .quiet")?.textContent).toBe(end);
});
