// Today's energies in kWh, and the self-sufficiency of the home.
import { css, html, nothing, type TemplateResult } from "lit";
import type { Option } from "../config";
import { fillPlaceholders } from "../format";
import { selfSufficiency, type Energies } from "../rest-parsers";
import type { Texts } from "../translations";
import type { View } from "../view";
import { ViewElement } from "./element";
import { icon, type Icon } from "./icons";
import { sharedStyles } from "./shared.styles";

interface EnergyRow {
  readonly key: keyof Energies;
  readonly label: keyof Texts;
  readonly icon: Icon;
  readonly colour: string;
  readonly requires?: "solar" | "battery";
}

/** A pair is placed side by side on a narrow card, and one below the other on a wide card. */
const ENERGY_PAIRS: readonly (readonly EnergyRow[])[] = [
  [
    { key: "pv", label: "solar", icon: "solar", colour: "solar", requires: "solar" },
    { key: "load", label: "home", icon: "home", colour: "home" },
  ],
  [
    { key: "gridImport", label: "imported", icon: "into", colour: "grid" },
    { key: "gridExport", label: "exported", icon: "out", colour: "export" },
  ],
  [
    { key: "batteryCharge", label: "charged", icon: "into", colour: "battery", requires: "battery" },
    { key: "batteryDischarge", label: "discharged", icon: "out", colour: "battery", requires: "battery" },
  ],
];

/** Without solar power the home has no partner and comes last. */
function shownRows({ equipment }: View): readonly EnergyRow[] {
  return ENERGY_PAIRS.map((pair) =>
    pair.filter(({ requires }) => requires === undefined || equipment[requires]),
  )
    .sort((a, b) => b.length - a.length)
    .flat();
}

export class TodayElement extends ViewElement {
  static readonly tag = "alphaess-live-today";
  static readonly option: Option = "show_today";
  static readonly inSideColumn = true;

  static hasContent(view: View): boolean {
    return view.today !== null;
  }

  protected readonly viewKeys = ["today", "equipment", "format"] as const;

  protected override renderView(view: View): TemplateResult | typeof nothing {
    const { today, format } = view;
    if (today === null) return nothing;
    const percent = selfSufficiency(today);
    const energies = shownRows(view).map((row) => ({ row, ...format.energy(today[row.key]) }));
    return html`
      <h3>
        <span
          >${format.texts.today} <span class="secondary" aria-hidden="true">${energies[0]?.unit}</span></span
        >
        ${
          percent === null
            ? nothing
            : html`<span class="secondary"
                >${fillPlaceholders(format.texts.self_sufficiency, { percent: format.percent(percent) })}</span
              >`
        }
      </h3>
      <dl>
        ${energies.map(
          ({ row, value, unit }) =>
            html`<div style="--colour:var(--alphaess-${row.colour})">
              <dt><span class="symbol">${icon(row.icon)}</span>${format.texts[row.label]}</dt>
              <dd>${value}<span class="visually-hidden"> ${unit}</span></dd>
            </div>`,
        )}
      </dl>
    `;
  }

  static override styles = [
    sharedStyles,
    css`
      :host {
        container-type: inline-size;
      }
      h3,
      dl {
        display: grid;
        grid-template-columns: 1fr 1fr;
        gap: 0.9em 0.6em;
        margin: 0;
      }
      h3 {
        margin-bottom: 0.9em;
        font-size: 1em;
        font-weight: 600;
        white-space: nowrap;
      }
      h3 .secondary {
        margin-inline-start: 0.2em;
        font-weight: 400;
      }
      h3 > .secondary {
        margin: 0;
      }
      @container (min-width: 26em) {
        h3 {
          grid-template-columns: calc((100% - 1.2em) / 3) 1fr;
        }
        dl {
          grid-auto-flow: column;
          grid-template: auto auto / none;
          grid-auto-columns: 1fr;
        }
      }
      /* The unit is displayed once, in the heading, so that a number with more digits does not shift the layout. */
      dl div {
        position: relative;
        display: flex;
        flex-direction: column-reverse;
        justify-content: flex-end;
        padding-inline-start: 2.9em;
        min-height: 2.3em;
        line-height: 1.2;
        white-space: nowrap;
      }
      dt {
        font-size: 0.86em;
        color: var(--alphaess-secondary);
      }
      dd {
        margin: 0;
        font-size: 1.2em;
        font-weight: 600;
      }
      .symbol {
        position: absolute;
        inset-inline-start: 0;
        top: 0;
        display: grid;
        place-content: center;
        width: 2.7em;
        height: 2.7em;
        border-radius: 50%;
        color: var(--colour);
        background: color-mix(in srgb, var(--colour) 14%, transparent);
      }
    `,
  ];
}
