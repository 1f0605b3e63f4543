// Buttons that hold the battery: against charging, discharging or both, for some hours.
import { css, html, nothing, type TemplateResult } from "lit";
import type { Option } from "../config";
import { fillPlaceholders } from "../format";
import { HOLD_BLOCKS, type HoldBlock } from "../rest-parsers";
import type { Texts } from "../translations";
import type { View } from "../view";
import { ViewElement } from "./element";
import { sharedStyles } from "./shared.styles";

const LABELS: Readonly<Record<HoldBlock, keyof Texts>> = {
  both: "hold",
  discharge: "block_discharge",
  charge: "block_charge",
};

const HOURS = [1, 4, 12] as const;

export class ControlElement extends ViewElement {
  static readonly tag = "alphaess-live-control";
  static readonly option: Option = "show_control";
  static readonly inSideColumn = true;
  static override properties = { ...ViewElement.properties, chosen: { state: true } };

  /** Orders reach the inverter only while it answers. */
  static hasContent(view: View): boolean {
    return view.state === "live" || view.state === "paused";
  }

  declare chosen: HoldBlock | null;
  protected readonly viewKeys = ["dispatch", "orderFailure", "format"] as const;

  constructor() {
    super();
    this.chosen = null;
  }

  protected override renderView(view: View): TemplateResult {
    const { texts } = view.format;
    const failure = view.orderFailure;
    return html`
      <section aria-label=${texts.control}>
        ${this.chosen === null ? this.#renderHolds(view) : this.#renderHours(this.chosen, view)}
        ${
          failure?.order === "hold"
            ? html`<p role="alert">
                ${fillPlaceholders(texts.order_failed, { reason: texts[failure.reason] })}
              </p>`
            : nothing
        }
      </section>
    `;
  }

  #renderHolds({ dispatch, format: { texts } }: View): TemplateResult {
    const running = dispatch?.isOurs === true ? dispatch.block : null;
    return html`${HOLD_BLOCKS.map(
      (block) => html`
        <button
          class="action labelled"
          aria-pressed=${String(block === running)}
          @click=${() => this.#choose(block)}
        >
          ${texts[LABELS[block]]}
        </button>
      `,
    )}`;
  }

  #renderHours(block: HoldBlock, { format }: View): TemplateResult {
    const { texts } = format;
    const order = (hours: number): void => {
      this.#choose(null);
      this.emitAction({ type: "hold", block, hours });
    };
    return html`
      <span class="question" role="alert">
        ${fillPlaceholders(texts.how_long, { order: texts[LABELS[block]] })}
      </span>
      ${HOURS.map(
        (hours) =>
          html`<button class="action labelled hours" @click=${() => order(hours)}>
            ${format.duration(hours * 3600)}
          </button>`,
      )}
      <button class="action labelled" @click=${() => this.#choose(null)}>${texts.cancel}</button>
    `;
  }

  #choose(block: HoldBlock | null): void {
    this.chosen = block;
    void this.focusFirstAction();
  }

  static override styles = [
    sharedStyles,
    css`
      section {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 8px;
      }
      .question {
        flex-basis: 100%;
      }
      .action.labelled {
        padding: 0 16px;
      }
      .action[aria-pressed="true"] {
        box-shadow: inset 0 0 0 2px var(--alphaess-battery);
      }
      p {
        flex-basis: 100%;
        margin: 0;
      }
    `,
  ];
}
