// Where the power comes from and where it goes, at a glance: four places, six lines, dots that move with the values.
import { html, nothing, svg, type SVGTemplateResult, type TemplateResult } from "lit";
import { homeShares, type Flow, type Place } from "../balance";
import type { Option } from "../config";
import type { View } from "../view";
import type { Power } from "../wire";
import { ARCS, heightOf, NODES, pathOf, pointOn, RADIUS, slopeAt, WIDTH, type Arc, type Node } from "./arcs";
import { ViewElement } from "./element";
import { flowStyles } from "./flow.styles";
import { icon } from "./icons";
import { DOTS, Stream, wide } from "./stream";
import { shared } from "./styles";

/** Below this an inverter's own measuring noise would make dots run through a sleeping house. */
const NOISE = 20;
const FULL_WIDTH_WATTS = 5_000;
const RING = RADIUS - 2;

interface Lane {
  readonly arc: Arc;
  readonly stream: Stream;
}

export class FlowElement extends ViewElement {
  static readonly tag = "alphaess-live-flow";
  static readonly option: Option = "show_flow";
  static readonly beside = false;

  static has(): boolean {
    return true;
  }

  protected readonly reads = ["state", "flows", "power", "moving", "equipment", "format"] as const;
  readonly #lanes: readonly Lane[] = ARCS.map((arc) => ({ arc, stream: new Stream(arc) }));
  /** The values with which the dots moved last. */
  #moved: Power | null = null;
  readonly #still = matchMedia("(prefers-reduced-motion: reduce)");

  override connectedCallback(): void {
    super.connectedCallback();
    this.#still.addEventListener("change", this.#animate);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#still.removeEventListener("change", this.#animate);
    for (const { stream } of this.#lanes) stream.stop([]);
  }

  protected override render(): TemplateResult | typeof nothing {
    const { view } = this;
    if (view === undefined) return nothing;
    const { top, height } = heightOf(view.equipment);
    const nodes = NODES.filter(({ place }) => stands(view, place));
    const arcs = ARCS.filter(({ ends }) => ends.every((place) => stands(view, place)));
    return html`<div
      class="stage ${view.state}"
      style="aspect-ratio:${WIDTH}/${height}"
      role="group"
      aria-label=${view.format.words.power_flow}
    >
      <svg viewBox="0 ${top} ${WIDTH} ${height}" aria-hidden="true">
        ${arcs.map((arc) => line(arc, runningOn(arc, view.flows)))} ${nodes.map((node) => ring(node, view))}
      </svg>
      ${ARCS.map((arc, index) => dots(index, runningOn(arc, view.flows)))} ${asOf(view)}
      ${nodes.map((node) => this.#node(node, view, top))}
    </div>`;
  }

  protected override updated(): void {
    this.#animate();
  }

  readonly #animate = (): void => {
    const { view } = this;
    const still = !view?.moving || this.#still.matches;
    this.toggleAttribute("still", still);
    const fresh = view?.power !== this.#moved;
    this.#moved = view?.power ?? null;
    for (const [index, { arc, stream }] of this.#lanes.entries()) {
      const dots = [...this.renderRoot.querySelectorAll<HTMLElement>(`[data-arc="${index}"]`)];
      const flow = view && runningOn(arc, view.flows);
      if (still || !flow) stream.stop(dots);
      else {
        const course = { forward: flow.from === arc.ends[0], top: heightOf(view.equipment).top };
        stream.rest(dots, course);
        if (fresh) stream.beat(dots, course);
      }
    }
  };

  #node({ place, at, quantity }: Node, view: View, top: number): TemplateResult {
    const { value, unit } = view.format.power(wattsAt(view, place));
    const name = nameOf(view, place);
    return html`<button
      class="node ${place} ${colourOf(view, place)}"
      style="left:${wide(at.x - RADIUS)};top:${wide(at.y - top - RADIUS)}"
      aria-label="${[...new Set([view.format.words[place], name])].join(", ")}: ${value} ${unit}"
      @click=${() => this.act({ do: "look", at: quantity })}
    >
      ${icon(place)}<span class="value"><small>${unit}</small><span>${value}</span></span>
      <span class="name">${name}</span>
    </button>`;
  }

  static override styles = [shared, flowStyles];
}

function stands({ equipment }: View, place: Place): boolean {
  return (place !== "solar" || equipment.solar) && (place !== "battery" || equipment.battery);
}

function runningOn({ ends }: Arc, flows: readonly Flow[]): Flow | undefined {
  return flows.find(
    ({ from, to, watts }) => watts >= NOISE && from !== to && ends.includes(from) && ends.includes(to),
  );
}

function line(arc: Arc, flow: Flow | undefined): SVGTemplateResult {
  const path = pathOf(arc);
  if (flow === undefined) return svg`<path class="line" d=${path} />`;
  // In whole steps, so that a few watts more draw nothing anew.
  const width = 3 + Math.round(5 * Math.min(1, flow.watts / FULL_WIDTH_WATTS));
  const forward = flow.from === arc.ends[0];
  const t = forward ? 0.74 : 0.26;
  const { x, y } = pointOn(arc, t);
  const turn = slopeAt(arc, t) + (forward ? 0 : 180);
  return svg`<path class="line busy ${flow.from}" d=${path} style="stroke-width:${width}" />
    <path class="arrow ${flow.from}" d="M-4 -6 3 0 -4 6" transform="translate(${x} ${y}) rotate(${turn.toFixed(0)})" />`;
}

/** Only where power runs: each dot is a layer that the browser would draw along in every frame. */
function dots(index: number, flow: Flow | undefined): readonly TemplateResult[] {
  if (flow === undefined) return [];
  return Array.from({ length: DOTS }, () => html`<i class="dot ${flow.from}" data-arc=${index}></i>`);
}

/** The rim of a place tells more: how full the battery is, what the home lives on, which way the grid goes. */
function ring(node: Node, view: View): SVGTemplateResult {
  const { x, y } = node.at;
  const part = (kind: string, from: number, share: number): SVGTemplateResult =>
    svg`<circle class="ring ${kind}" cx=${x} cy=${y} r=${RING} pathLength="100"
      stroke-dasharray=${share > 0.995 ? nothing : `${(share * 100).toFixed(1)} 100`} stroke-dashoffset=${(-from * 100).toFixed(1)}
      transform="rotate(-90 ${x} ${y})" />`;
  const busy = Math.abs(wattsAt(view, node.place) ?? 0) >= NOISE ? "busy" : "";
  let start = 0;
  const parts = rimOf(node.place, view)
    .filter(({ share }) => share > 0.005)
    .map(({ kind, share }) => {
      start += share;
      return part(kind, start - share, share);
    });
  return svg`<circle class="disc ${busy} ${colourOf(view, node.place)}" cx=${x} cy=${y} r=${RING} />${parts}`;
}

function rimOf(place: Place, view: View): readonly { readonly kind: string; readonly share: number }[] {
  const watts = wattsAt(view, place) ?? 0;
  switch (place) {
    case "home":
      return homeShares(view.flows).map(({ from, share }) => ({ kind: from, share }));
    case "battery":
      return [{ kind: "battery", share: (view.power?.soc ?? 0) / 100 }];
    case "solar":
      return [{ kind: "solar", share: watts >= NOISE ? 1 : 0 }];
    case "grid":
      return [{ kind: colourOf(view, place), share: Math.abs(watts) >= NOISE ? 1 : 0 }];
  }
}

/** What a place is drawn in: its own colour, but for a grid that takes. */
function colourOf(view: View, place: Place): Place | "export" {
  return place === "grid" && (wattsAt(view, place) ?? 0) <= -NOISE ? "export" : place;
}

function wattsAt({ power }: View, place: Place): number | null {
  if (power === null) return null;
  return { solar: power.pv, grid: power.grid, battery: power.battery, home: power.load }[place];
}

function nameOf(view: View, place: Place): string {
  const { words } = view.format;
  const watts = wattsAt(view, place) ?? 0;
  if (place === "battery") return view.format.percent(view.power?.soc ?? null);
  if (place !== "grid" || Math.abs(watts) < NOISE) return words[place];
  return watts > 0 ? words.grid_import : words.grid_export;
}

/** Old values say so where they stand. */
function asOf({ state, measuredAt, format }: View): TemplateResult | typeof nothing {
  if (state === "live" || measuredAt === null) return nothing;
  return html`<span class="as-of">${format.asOf(measuredAt, Date.now())}</span>`;
}
