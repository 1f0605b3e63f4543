// The battery: state of charge, power, and when it will be full or empty.
import { css, html, nothing, type TemplateResult } from "lit";
import type { Option } from "../config";
import { fillPlaceholders, type Format } from "../format";
import { forecastTarget, hoursToTarget, roundDuration } from "../rest-parsers";
import type { View } from "../view";
import { ViewElement } from "./element";
import { sharedStyles } from "./shared.styles";

/** An idle battery still reports a few watts in either direction. */
const IDLE_WATTS = 20;
const HOUR_MS = 3_600_000;

export class BatteryElement extends ViewElement {
  static readonly tag = "alphaess-live-battery";
  static readonly option: Option = "show_battery";
  static readonly inSideColumn = true;

  static hasContent(view: View): boolean {
    return view.equipment.battery;
  }

  protected readonly viewKeys = ["state", "power", "equipment", "dispatch", "format"] as const;

  protected override renderView(view: View): TemplateResult {
    const soc = view.power?.soc ?? null;
    const target = view.dispatch?.targetSoc ?? null;
    return html`
      <div class="panel">
        <button class="soc" @click=${() => this.showMoreInfo("battery_soc")}>
          <span class="visually-hidden">${view.format.texts.battery}</span>${view.format.percent(soc)}
        </button>
        <button class="power" @click=${() => this.showMoreInfo("battery_power")}>
          <span>${activityText(view)}</span><span class="secondary">${forecastText(view)}</span>
        </button>
        <div class="bar" aria-hidden="true">
          <div class="charge" style="transform:scaleX(${(soc ?? 0) / 100})"></div>
          ${target === null ? nothing : html`<div class="target" style="left:${target}%"></div>`}
        </div>
      </div>
    `;
  }

  static override styles = [
    sharedStyles,
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
      /* Aligned with the energies of today, which have three columns at this width. */
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
      /* A wrapped line would move everything below it. */
      .power span {
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
      .power .secondary {
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

function activityText({ power, format }: View): string {
  const watts = power?.battery ?? null;
  const { value, unit } = format.power(watts);
  if (watts === null) return value;
  if (Math.abs(watts) < IDLE_WATTS) return format.texts.idle;
  return `${watts < 0 ? format.texts.charging : format.texts.discharging} · ${value} ${unit}`;
}

/** When the battery reaches its target; for values that are not current, when they were measured. */
function forecastText({ state, power, measuredAt, equipment, dispatch, format }: View): string {
  if (state !== "live" && measuredAt !== null) return format.asOf(measuredAt, Date.now());
  const { soc = null, battery: watts = null } = power ?? {};
  if (watts === null) return "";
  if (soc === 100 && watts < 0) return format.texts.full;
  const targetSoc = forecastTarget(watts, dispatch);
  const hours = hoursToTarget(targetSoc, soc, watts, equipment.capacityKwh);
  // The power after the end of a dispatch is not known.
  if (hours === null || Date.now() + hours * HOUR_MS > (dispatch?.endsAt ?? Infinity)) return "";
  return fillPlaceholders(forecastTemplate(targetSoc, format), {
    soc: format.percent(targetSoc),
    time: format.duration(roundDuration(hours)),
  });
}

function forecastTemplate(targetSoc: number | null, { texts }: Format): string {
  if (targetSoc === 100) return texts.full_in;
  return targetSoc === 0 ? texts.empty_in : texts.target_in;
}
