// The battery: how full, how fast, which way, and when it will be full or empty.
import { css, html, nothing, type TemplateResult } from "lit";
import type { Option } from "../config";
import { calmly, goalOf, hoursTo } from "../facts";
import { fill, type Format } from "../format";
import type { View } from "../view";
import { ViewElement } from "./element";
import { shared } from "./styles";

/** An idle battery still measures a few watts either way. */
const IDLE = 20;
const HOUR = 3_600_000;

export class Battery extends ViewElement {
  static readonly tag = "alphaess-live-battery";
  static readonly option: Option = "show_battery";
  static readonly beside = true;

  static has(view: View): boolean {
    return view.equipment.battery;
  }

  protected readonly reads = ["state", "power", "equipment", "dispatch", "format"] as const;

  protected override render(): TemplateResult | typeof nothing {
    const { view } = this;
    if (view === undefined) return nothing;
    const soc = view.power?.soc ?? null;
    const target = view.dispatch?.targetSoc ?? null;
    return html`
      <div class="panel">
        <button class="soc" @click=${() => this.act({ do: "look", at: "battery_soc" })}>
          <span class="unseen">${view.format.words.battery}</span>${view.format.percent(soc)}
        </button>
        <button class="power" @click=${() => this.act({ do: "look", at: "battery_power" })}>
          <span>${doing(view)}</span><span class="quiet">${forecast(view)}</span>
        </button>
        <div class="bar" aria-hidden="true">
          <div class="charge" style="transform:scaleX(${(soc ?? 0) / 100})"></div>
          ${target === null ? nothing : html`<div class="target" style="left:${target}%"></div>`}
        </div>
      </div>
    `;
  }

  static override styles = [
    shared,
    css`
      :host {
        container-type: inline-size;
      }
      .panel {
        display: grid;
        grid-template-columns: auto 1fr;
        align-items: center;
        gap: 0.7em 0.6em;
      }
      /* In line with the energies of today, which then stand in three columns. */
      @container (min-width: 26em) {
        .panel {
          grid-template-columns: calc((100% - 1.2em) / 3) 1fr;
          column-gap: 0.6em;
        }
      }
      .soc {
        font-size: 2.2em;
        font-weight: 600;
        line-height: 1;
        letter-spacing: -0.02em;
        min-width: 2.65em;
        text-align: start;
        color: var(--alphaess-value, var(--alphaess-text));
      }
      .power {
        min-width: 0;
        display: flex;
        flex-direction: column;
        text-align: start;
        font-size: 1.07em;
        font-weight: 500;
        color: var(--alphaess-value, var(--alphaess-text));
      }
      /* A line that broke in two would push everything below it. */
      .power span {
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
      .power .quiet {
        font-size: 0.93em;
        font-weight: 400;
        min-height: 1.3em;
      }
      .bar {
        grid-column: 1 / -1;
        position: relative;
        height: 0.8em;
        border-radius: 0.4em;
        overflow: hidden;
        background: var(--alphaess-line);
      }
      .charge {
        height: 100%;
        background: var(--alphaess-battery);
        transform-origin: left;
      }
      .target {
        position: absolute;
        inset-block: 0;
        width: 3px;
        margin-left: -3px;
        background: var(--alphaess-text);
      }
    `,
  ];
}

function doing({ power, format }: View): string {
  const watts = power?.battery ?? null;
  const { value, unit } = format.power(watts);
  if (watts === null) return value;
  if (Math.abs(watts) < IDLE) return format.words.idle;
  return `${watts < 0 ? format.words.charging : format.words.discharging} · ${value} ${unit}`;
}

/** When it will be full or empty, or where a dispatch takes it; old values say instead of when they are. */
function forecast({ state, power, measuredAt, equipment, dispatch, format }: View): string {
  if (state !== "live" && measuredAt !== null) return format.asOf(measuredAt, Date.now());
  const { soc = null, battery: watts = null } = power ?? {};
  if (watts === null) return "";
  if (soc === 100 && watts < 0) return format.words.full;
  const goal = goalOf(watts, dispatch);
  const hours = hoursTo(goal, soc, watts, equipment.capacity);
  // What the battery does after the end of a dispatch nobody knows.
  if (hours === null || Date.now() + hours * HOUR > (dispatch?.endsAt ?? Infinity)) return "";
  return fill(sentenceFor(goal, format), { soc: format.percent(goal), time: format.duration(calmly(hours)) });
}

function sentenceFor(goal: number | null, { words }: Format): string {
  if (goal === 100) return words.full_in;
  return goal === 0 ? words.empty_in : words.goal_in;
}
