// The power flow: four nodes, six arcs, and dots that show the direction of the power.
import { html, nothing, svg, type SVGTemplateResult, type TemplateResult } from "lit";
import type { Option } from "../config";
import type { Power } from "../messages";
import { homeShares, type Flow, type PowerNode } from "../power-flow";
import type { View } from "../view";
import { ViewElement } from "./element";
import { DOT_COUNT, FlowDots, toContainerWidth } from "./flow-dots";
import {
  angleAt,
  ARCS,
  NODE_LAYOUTS,
  NODE_RADIUS,
  pointAt,
  svgPath,
  visibleArea,
  WIDTH,
  type Arc,
  type NodeLayout,
} from "./flow-geometry";
import { flowStyles } from "./flow.styles";
import { icon } from "./icons";
import { sharedStyles } from "./shared.styles";

/** Smaller powers are measuring noise and are not drawn as a flow. */
const NOISE_WATTS = 20;
const FULL_WIDTH_WATTS = 5_000;
const RING_RADIUS = NODE_RADIUS - 2;

interface AnimatedArc {
  readonly arc: Arc;
  readonly dots: FlowDots;
}

export class FlowElement extends ViewElement {
  static readonly tag = "alphaess-live-flow";
  static readonly option: Option = "show_flow";

  protected readonly viewKeys = ["state", "flows", "power", "mayAnimate", "equipment", "format"] as const;
  readonly #animatedArcs: readonly AnimatedArc[] = ARCS.map((arc) => ({ arc, dots: new FlowDots(arc) }));
  /** The values of the last animation. */
  #animatedPower: Power | null = null;
  readonly #reducedMotion = matchMedia("(prefers-reduced-motion: reduce)");

  override connectedCallback(): void {
    super.connectedCallback();
    this.#reducedMotion.addEventListener("change", this.#animate);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#reducedMotion.removeEventListener("change", this.#animate);
    for (const { dots } of this.#animatedArcs) dots.stop([]);
  }

  protected override renderView(view: View): TemplateResult {
    const { top, height } = visibleArea(view.equipment);
    const layouts = NODE_LAYOUTS.filter(({ node }) => isShown(view, node));
    const arcs = ARCS.filter(({ ends }) => ends.every((node) => isShown(view, node)));
    return html`<div
      class="diagram ${view.state}"
      style="aspect-ratio:${WIDTH}/${height}"
      role="group"
      aria-label=${view.format.texts.power_flow}
    >
      <svg viewBox="0 ${top} ${WIDTH} ${height}" aria-hidden="true">
        ${arcs.map((arc) => renderLine(arc, flowOn(arc, view.flows)))}
        ${layouts.map((layout) => renderRing(layout, view))}
      </svg>
      ${ARCS.map((arc, index) => renderDots(index, flowOn(arc, view.flows)))} ${renderAsOf(view)}
      ${layouts.map((layout) => this.#renderNode(layout, view, top))}
    </div>`;
  }

  protected override updated(): void {
    this.#animate();
  }

  readonly #animate = (): void => {
    const { view } = this;
    const isStatic = !view?.mayAnimate || this.#reducedMotion.matches;
    this.toggleAttribute("static", isStatic);
    const isFresh = view?.power !== this.#animatedPower;
    this.#animatedPower = view?.power ?? null;
    for (const [index, { arc, dots }] of this.#animatedArcs.entries()) {
      const dotElements = [...this.renderRoot.querySelectorAll<HTMLElement>(`[data-arc="${index}"]`)];
      const flow = view && flowOn(arc, view.flows);
      if (isStatic || !flow) dots.stop(dotElements);
      else {
        const orientation = { forward: flow.from === arc.ends[0], top: visibleArea(view.equipment).top };
        dots.place(dotElements, orientation);
        if (isFresh) dots.animate(dotElements, orientation);
      }
    }
  };

  #renderNode({ node, center, entityKey }: NodeLayout, view: View, top: number): TemplateResult {
    const { value, unit } = view.format.power(wattsOf(view, node));
    const label = nodeLabel(view, node);
    return html`<button
      class="node ${node} ${colourClass(view, node)}"
      style="left:${toContainerWidth(center.x - NODE_RADIUS)};top:${toContainerWidth(center.y - top - NODE_RADIUS)}"
      aria-label="${[...new Set([view.format.texts[node], label])].join(", ")}: ${value} ${unit}"
      @click=${() => this.showMoreInfo(entityKey)}
    >
      ${icon(node)}<span class="value"><small>${unit}</small><span>${value}</span></span>
      <span class="name">${label}</span>
    </button>`;
  }

  static override styles = [sharedStyles, flowStyles];
}

function isShown({ equipment }: View, node: PowerNode): boolean {
  return (node !== "solar" || equipment.solar) && (node !== "battery" || equipment.battery);
}

function flowOn({ ends }: Arc, flows: readonly Flow[]): Flow | undefined {
  return flows.find(
    ({ from, to, watts }) => watts >= NOISE_WATTS && from !== to && ends.includes(from) && ends.includes(to),
  );
}

function renderLine(arc: Arc, flow: Flow | undefined): SVGTemplateResult {
  const path = svgPath(arc);
  if (flow === undefined) return svg`<path class="line" d=${path} />`;
  // Whole steps, so that a small change of the power does not redraw the line.
  const width = 3 + Math.round(5 * Math.min(1, flow.watts / FULL_WIDTH_WATTS));
  const forward = flow.from === arc.ends[0];
  const t = forward ? 0.74 : 0.26;
  const { x, y } = pointAt(arc, t);
  const angle = angleAt(arc, t) + (forward ? 0 : 180);
  return svg`<path class="line active ${flow.from}" d=${path} style="stroke-width:${width}" />
    <path class="arrow ${flow.from}" d="M-4 -6 3 0 -4 6" transform="translate(${x} ${y}) rotate(${angle.toFixed(0)})" />`;
}

/** Only arcs with a flow have dots, because each dot is a layer that the browser composes in every frame. */
function renderDots(index: number, flow: Flow | undefined): readonly TemplateResult[] {
  if (flow === undefined) return [];
  return Array.from({ length: DOT_COUNT }, () => html`<i class="dot ${flow.from}" data-arc=${index}></i>`);
}

/** The ring of a node shows the state of charge, the sources of the home, or the direction of the grid power. */
function renderRing(layout: NodeLayout, view: View): SVGTemplateResult {
  const { x, y } = layout.center;
  const segment = (kind: string, from: number, share: number): SVGTemplateResult =>
    svg`<circle class="ring ${kind}" cx=${x} cy=${y} r=${RING_RADIUS} pathLength="100"
      stroke-dasharray=${share > 0.995 ? nothing : `${(share * 100).toFixed(1)} 100`} stroke-dashoffset=${(-from * 100).toFixed(1)}
      transform="rotate(-90 ${x} ${y})" />`;
  const activeClass = Math.abs(wattsOf(view, layout.node) ?? 0) >= NOISE_WATTS ? "active" : "";
  let start = 0;
  const segments = ringSegments(layout.node, view)
    .filter(({ share }) => share > 0.005)
    .map(({ kind, share }) => {
      start += share;
      return segment(kind, start - share, share);
    });
  return svg`<circle class="disc ${activeClass} ${colourClass(view, layout.node)}" cx=${x} cy=${y} r=${RING_RADIUS} />${segments}`;
}

function ringSegments(
  node: PowerNode,
  view: View,
): readonly { readonly kind: string; readonly share: number }[] {
  const watts = wattsOf(view, node) ?? 0;
  switch (node) {
    case "home":
      return homeShares(view.flows).map(({ from, share }) => ({ kind: from, share }));
    case "battery":
      return [{ kind: "battery", share: (view.power?.soc ?? 0) / 100 }];
    case "solar":
      return [{ kind: "solar", share: watts >= NOISE_WATTS ? 1 : 0 }];
    case "grid":
      return [{ kind: colourClass(view, node), share: Math.abs(watts) >= NOISE_WATTS ? 1 : 0 }];
  }
}

/** The colour of a node. The grid has another colour during export. */
function colourClass(view: View, node: PowerNode): PowerNode | "export" {
  return node === "grid" && (wattsOf(view, node) ?? 0) <= -NOISE_WATTS ? "export" : node;
}

function wattsOf({ power }: View, node: PowerNode): number | null {
  if (power === null) return null;
  return { solar: power.pv, grid: power.grid, battery: power.battery, home: power.load }[node];
}

function nodeLabel(view: View, node: PowerNode): string {
  const { texts } = view.format;
  const watts = wattsOf(view, node) ?? 0;
  if (node === "battery") return view.format.percent(view.power?.soc ?? null);
  if (node !== "grid" || Math.abs(watts) < NOISE_WATTS) return texts[node];
  return watts > 0 ? texts.grid_import : texts.grid_export;
}

/** Values that are not current are marked with their time. */
function renderAsOf({ state, measuredAt, format }: View): TemplateResult | typeof nothing {
  if (state === "live" || measuredAt === null) return nothing;
  return html`<span class="as-of">${format.asOf(measuredAt, Date.now())}</span>`;
}
