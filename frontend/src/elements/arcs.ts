// Where the power flow is drawn: the places, the lines between them, and the points on a line; pure.
import type { Place } from "../balance";

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Node {
  readonly place: Place;
  readonly at: Point;
  /** The quantity behind it, whose details a tap opens. */
  readonly quantity: string;
}

/** A line between two places as a cubic curve; power runs along it either way. */
export interface Arc {
  readonly ends: readonly [Place, Place];
  readonly curve: readonly [Point, Point, Point, Point];
}

export const WIDTH = 400;
export const RADIUS = 58;

export const NODES: readonly Node[] = [
  { place: "solar", at: { x: 200, y: 64 }, quantity: "pv_power" },
  { place: "grid", at: { x: 64, y: 170 }, quantity: "grid_power" },
  { place: "home", at: { x: 336, y: 170 }, quantity: "load_power" },
  { place: "battery", at: { x: 200, y: 276 }, quantity: "battery_power" },
];

// The two straight lines cross, but never carry power at once: the sun charges the battery only when the home has
// enough, and then the home draws nothing from the grid.
export const ARCS: readonly Arc[] = [
  { ends: ["solar", "home"], curve: quarter({ x: 258, y: 64 }, { x: 336, y: 112 }) },
  { ends: ["solar", "grid"], curve: quarter({ x: 142, y: 64 }, { x: 64, y: 112 }) },
  { ends: ["battery", "home"], curve: quarter({ x: 258, y: 276 }, { x: 336, y: 228 }) },
  { ends: ["battery", "grid"], curve: quarter({ x: 142, y: 276 }, { x: 64, y: 228 }) },
  { ends: ["solar", "battery"], curve: straight({ x: 200, y: 122 }, { x: 200, y: 218 }) },
  { ends: ["grid", "home"], curve: straight({ x: 122, y: 170 }, { x: 278, y: 170 }) },
];

/** The part of the drawing that is needed: without a sun or a battery the rest moves together. */
export function heightOf(places: { readonly solar: boolean; readonly battery: boolean }): {
  readonly top: number;
  readonly height: number;
} {
  const top = places.solar ? 0 : 106;
  return { top, height: (places.battery ? 340 : 234) - top };
}

export function pathOf({ curve: [a, b, c, d] }: Arc): string {
  return `M${a.x} ${a.y}C${b.x} ${b.y} ${c.x} ${c.y} ${d.x} ${d.y}`;
}

/** The point at `t` from 0 (first end) to 1 (second end). */
export function pointOn({ curve: [a, b, c, d] }: Arc, t: number): Point {
  const at = (w: number, x: number, y: number, z: number): number =>
    (1 - t) ** 3 * w + 3 * (1 - t) ** 2 * t * x + 3 * (1 - t) * t ** 2 * y + t ** 3 * z;
  return { x: at(a.x, b.x, c.x, d.x), y: at(a.y, b.y, c.y, d.y) };
}

/** The direction at `t`, in degrees, for power that runs from the first end to the second. */
export function slopeAt(arc: Arc, t: number): number {
  const before = pointOn(arc, t - 0.05);
  const after = pointOn(arc, t + 0.05);
  return (Math.atan2(after.y - before.y, after.x - before.x) * 180) / Math.PI;
}

function straight(from: Point, to: Point): Arc["curve"] {
  return [from, from, to, to];
}

/** A quarter of an ellipse that leaves sideways and arrives upright. */
function quarter(from: Point, to: Point): Arc["curve"] {
  const round = 0.5523;
  return [
    from,
    { x: from.x + (to.x - from.x) * round, y: from.y },
    { x: to.x, y: to.y - (to.y - from.y) * round },
    to,
  ];
}
