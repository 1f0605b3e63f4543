// The geometry of the power flow: its nodes, the arcs between them, and points on an arc; pure.
import type { PowerNode } from "../power-flow";

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface NodeLayout {
  readonly node: PowerNode;
  readonly center: Point;
  /** Translation key of the entity that a click opens. */
  readonly entityKey: string;
}

/** A connection between two nodes as a cubic Bézier curve. Power may flow in both directions. */
export interface Arc {
  readonly ends: readonly [PowerNode, PowerNode];
  readonly curve: readonly [Point, Point, Point, Point];
}

export const WIDTH = 400;
export const NODE_RADIUS = 58;

export const NODE_LAYOUTS: readonly NodeLayout[] = [
  { node: "solar", center: { x: 200, y: 64 }, entityKey: "pv_power" },
  { node: "grid", center: { x: 64, y: 170 }, entityKey: "grid_power" },
  { node: "home", center: { x: 336, y: 170 }, entityKey: "load_power" },
  { node: "battery", center: { x: 200, y: 276 }, entityKey: "battery_power" },
];

// The two straight arcs cross, but never carry power at the same time: solar power charges the battery only after it
// supplies the home, and then the home imports nothing.
export const ARCS: readonly Arc[] = [
  { ends: ["solar", "home"], curve: quarterEllipse({ x: 258, y: 64 }, { x: 336, y: 112 }) },
  { ends: ["solar", "grid"], curve: quarterEllipse({ x: 142, y: 64 }, { x: 64, y: 112 }) },
  { ends: ["battery", "home"], curve: quarterEllipse({ x: 258, y: 276 }, { x: 336, y: 228 }) },
  { ends: ["battery", "grid"], curve: quarterEllipse({ x: 142, y: 276 }, { x: 64, y: 228 }) },
  { ends: ["solar", "battery"], curve: straightCurve({ x: 200, y: 122 }, { x: 200, y: 218 }) },
  { ends: ["grid", "home"], curve: straightCurve({ x: 122, y: 170 }, { x: 278, y: 170 }) },
];

/** The vertical range of the drawing that is used: smaller without solar power or without a battery. */
export function visibleArea(equipment: { readonly solar: boolean; readonly battery: boolean }): {
  readonly top: number;
  readonly height: number;
} {
  const top = equipment.solar ? 0 : 106;
  return { top, height: (equipment.battery ? 340 : 234) - top };
}

export function svgPath({ curve: [a, b, c, d] }: Arc): string {
  return `M${a.x} ${a.y}C${b.x} ${b.y} ${c.x} ${c.y} ${d.x} ${d.y}`;
}

/** The point at `t`, which runs from 0 at the first end to 1 at the second end. */
export function pointAt({ curve: [a, b, c, d] }: Arc, t: number): Point {
  const at = (w: number, x: number, y: number, z: number): number =>
    (1 - t) ** 3 * w + 3 * (1 - t) ** 2 * t * x + 3 * (1 - t) * t ** 2 * y + t ** 3 * z;
  return { x: at(a.x, b.x, c.x, d.x), y: at(a.y, b.y, c.y, d.y) };
}

/** The direction at `t` in degrees, from the first end to the second. */
export function angleAt(arc: Arc, t: number): number {
  const before = pointAt(arc, t - 0.05);
  const after = pointAt(arc, t + 0.05);
  return (Math.atan2(after.y - before.y, after.x - before.x) * 180) / Math.PI;
}

function straightCurve(from: Point, to: Point): Arc["curve"] {
  return [from, from, to, to];
}

/** A quarter of an ellipse that starts horizontally and ends vertically. */
function quarterEllipse(from: Point, to: Point): Arc["curve"] {
  const round = 0.5523;
  return [
    from,
    { x: from.x + (to.x - from.x) * round, y: from.y },
    { x: to.x, y: to.y - (to.y - from.y) * round },
    to,
  ];
}
