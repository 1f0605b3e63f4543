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
    const figures = figuresOf(view).map((figure) => ({ figure, ...format.energy(today[figure.key]) }));
    return html`
      <h3>
        <span>${format.words.today} <span class="quiet" aria-hidden="true">${figures[0]?.unit}</span></span>
        ${
          own === null
            ? nothing
            : html`<span class="quiet"
                >${fill(format.words.own_energy, { percent: format.percent(own) })}</span
              >`
        }
      </h3>
      <dl>
        ${figures.map(
          ({ figure, value, unit }) =>
            html`<div style="--colour:var(--alphaess-${figure.colour})">
              <dt><span class="sign">${icon(figure.icon)}</span>${format.words[figure.label]}</dt>
              <dd>${value}<span class="unseen"> ${unit}</span></dd>
            </div>`,
        )}
      </dl>
    `;
  }

  static override styles = [
    shared,
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
      h3 .quiet {
        margin-inline-start: 0.2em;
        font-weight: 400;
      }
      h3 > .quiet {
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
      /* The unit stands once, above: a number that grows has nothing to push aside. */
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
        color: var(--alphaess-quiet);
      }
      dd {
        margin: 0;
        font-size: 1.2em;
        font-weight: 600;
      }
      .sign {
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
