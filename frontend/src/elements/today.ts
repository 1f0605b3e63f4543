// What the day has brought so far, in kWh, and how much of the home's use was its own.
import { css, html, nothing, type TemplateResult } from "lit";
import type { Option } from "../config";
import { ownShare, type Energies } from "../facts";
import { fill } from "../format";
import type { Words } from "../translations";
import type { View } from "../view";
import { ViewElement } from "./element";
import { icon, type Icon } from "./icons";
import { shared } from "./styles";

interface Figure {
  readonly key: keyof Energies;
  readonly label: keyof Words;
  readonly icon: Icon;
  readonly colour: string;
  readonly part?: "solar" | "battery";
}

/** What belongs together stands side by side on a phone, and one above the other where there is room. */
const PAIRS: readonly (readonly Figure[])[] = [
  [
    { key: "pv", label: "solar", icon: "solar", colour: "solar", part: "solar" },
    { key: "load", label: "home", icon: "home", colour: "home" },
  ],
  [
    { key: "gridImport", label: "imported", icon: "into", colour: "grid" },
    { key: "gridExport", label: "exported", icon: "out", colour: "export" },
  ],
  [
    { key: "batteryCharge", label: "charged", icon: "into", colour: "battery", part: "battery" },
    { key: "batteryDischarge", label: "discharged", icon: "out", colour: "battery", part: "battery" },
  ],
];

/** Without a sun the home has no partner, and stands last. */
function figuresOf({ equipment }: View): readonly Figure[] {
  return PAIRS.map((pair) => pair.filter(({ part }) => part === undefined || equipment[part]))
    .sort((a, b) => b.length - a.length)
    .flat();
}

export class Today extends ViewElement {
  static readonly tag = "alphaess-live-today";
  static readonly option: Option = "show_today";
  static readonly beside = true;

  static has(view: View): boolean {
    return view.today !== null;
  }

  protected readonly reads = ["today", "equipment", "format"] as const;

  protected override render(): TemplateResult | typeof nothing {
    const { view } = this;
    if (!view?.today) return nothing;
    const { today, format } = view;
    const own = ownShare(today);
    return html`
      <h3>
        <span>${format.words.today}</span>
        ${
          own === null
            ? nothing
            : html`<span class="quiet"
                >${fill(format.words.own_energy, { percent: format.percent(own) })}</span
              >`
        }
      </h3>
      <dl>
        ${figuresOf(view).map((figure) => {
          const { value, unit } = format.energy(today[figure.key]);
          return html`<div>
            <dt style="--colour:var(--alphaess-${figure.colour})">
              ${icon(figure.icon)}<span>${format.words[figure.label]}</span>
            </dt>
            <dd><span class="number">${value}</span><small>${unit}</small></dd>
          </div>`;
        })}
      </dl>
    `;
  }

  static override styles = [
    shared,
    css`
      h3 {
        display: flex;
        gap: 10px;
        margin: 0 0 10px;
        font-size: 14px;
        font-weight: 600;
      }
      h3 .quiet {
        font-weight: 400;
      }
      :host {
        container-type: inline-size;
      }
      dl {
        display: grid;
        grid-template-columns: 1fr 1fr;
        gap: 12px 8px;
        margin: 0;
      }
      @container (min-width: 310px) {
        dl {
          grid-auto-flow: column;
          grid-template: auto auto / none;
          grid-auto-columns: 1fr;
        }
      }
      dt {
        display: flex;
        align-items: center;
        gap: 4px;
        font-size: 12px;
        color: var(--alphaess-quiet);
      }
      dd {
        display: flex;
        align-items: baseline;
        gap: 4px;
        margin: 2px 0 0 20px;
        font-size: 16px;
        font-weight: 600;
        white-space: nowrap;
      }
      small {
        font-size: 11px;
        font-weight: 400;
        color: var(--alphaess-quiet);
      }
      /* Room for one digit more, so that the unit does not move. */
      .number {
        min-width: 2.2em;
      }
      .icon {
        width: 16px;
        height: 16px;
        color: var(--colour);
      }
    `,
  ];
}
