// A running dispatch: its order, its remaining time, and a button that stops it after a confirmation.
import { css, html, nothing, type TemplateResult } from "lit";
import type { Option } from "../config";
import { fillPlaceholders, type Format } from "../format";
import type { View } from "../view";
import { ViewElement } from "./element";
import { icon } from "./icons";
import { sharedStyles } from "./shared.styles";

export class DispatchElement extends ViewElement {
  static readonly tag = "alphaess-live-dispatch";
  static readonly option: Option = "show_dispatch";
  static readonly inSideColumn = true;
  static override properties = { ...ViewElement.properties, confirming: { state: true } };

  static hasContent(view: View): boolean {
    return view.dispatch !== null || view.orderFailure?.order === "stop";
  }

  declare confirming: boolean;
  protected readonly viewKeys = ["dispatch", "orderFailure", "format"] as const;

  constructor() {
    super();
    this.confirming = false;
  }

  protected override renderView(view: View): TemplateResult {
    const { dispatch, orderFailure, format } = view;
    return html`
      <section>
        ${dispatch === null ? nothing : this.confirming && dispatch.isOurs ? this.#renderConfirmation(view) : this.#renderRunning(view)}
        ${
          orderFailure?.order === "stop"
            ? html`<p role="alert">
                ${fillPlaceholders(format.texts.stop_failed, { reason: format.texts[orderFailure.reason] })}
              </p>`
            : nothing
        }
      </section>
    `;
  }

  #renderRunning(view: View): TemplateResult {
    const { texts } = view.format;
    return html`
      <div class="symbol">${icon("bolt")}</div>
      <button class="description" @click=${() => this.showMoreInfo("dispatch_status")}>
        <span>${dispatchText(view)}</span>
        <alphaess-live-relative-time
          class="secondary"
          .format=${remainingText(view)}
        ></alphaess-live-relative-time>
      </button>
      ${
        view.dispatch?.isOurs === true
          ? html`<button class="action labelled" @click=${() => this.#setConfirming(true)}>
              ${texts.stop}
            </button>`
          : nothing
      }
    `;
  }

  #renderConfirmation(view: View): TemplateResult {
    const { texts } = view.format;
    const stop = (): void => {
      this.#setConfirming(false);
      this.emitAction({ type: "stop" });
    };
    return html`
      <span class="question" role="alert">${texts.stop_confirmation}</span>
      <span class="choices">
        <button class="action labelled" @click=${() => this.#setConfirming(false)}>
          ${texts.keep_running}
        </button>
        <button class="action labelled confirm" @click=${stop}>${texts.stop}</button>
      </span>
    `;
  }

  #setConfirming(confirming: boolean): void {
    this.confirming = confirming;
    void this.focusFirstAction();
  }

  static override styles = [
    sharedStyles,
    css`
      section {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 8px 12px;
        padding: 8px 8px 8px 12px;
        border-radius: 12px;
        background: color-mix(in srgb, var(--alphaess-battery) 14%, transparent);
      }
      .symbol {
        display: flex;
        color: var(--alphaess-battery);
      }
      .description {
        flex: 1;
        min-width: 0;
        display: flex;
        flex-direction: column;
        text-align: start;
        font-weight: 500;
      }
      .description .secondary {
        font-size: 0.93em;
        font-weight: 400;
      }
      .question {
        flex: 1 1 180px;
      }
      .choices {
        display: flex;
        gap: 8px;
        margin-inline-start: auto;
      }
      .action.labelled {
        padding: 0 16px;
      }
      .confirm {
        box-shadow: inset 0 0 0 2px var(--alphaess-error);
      }
      p {
        flex-basis: 100%;
        margin: 0;
      }
    `,
  ];
}

const HOLD_TEXTS = {
  both: "dispatch_hold",
  discharge: "dispatch_block_discharge",
  charge: "dispatch_block_charge",
} as const;

function dispatchText({ dispatch, format }: View): string {
  const { texts } = format;
  if (dispatch === null || dispatch.kind === "hold") return texts[HOLD_TEXTS[dispatch?.block ?? "both"]];
  if (dispatch.kind === "other") return texts.dispatch_other;
  if (dispatch.kind === "grid") return gridTargetText(dispatch.watts ?? 0, format);
  if (dispatch.atTarget) {
    return fillPlaceholders(texts.dispatch_at_target, { soc: format.percent(dispatch.targetSoc) });
  }
  const { value, unit } = format.setpoint(dispatch.watts);
  const template = dispatch.kind === "charge" ? texts.dispatch_charge : texts.dispatch_discharge;
  return fillPlaceholders(template, { power: `${value} ${unit}`, soc: format.percent(dispatch.targetSoc) });
}

function gridTargetText(watts: number, format: Format): string {
  const { value, unit } = format.setpoint(watts);
  const power = `${value} ${unit}`;
  if (watts === 0) return format.texts.dispatch_grid_zero;
  const template = watts > 0 ? format.texts.dispatch_grid_import : format.texts.dispatch_grid_export;
  return fillPlaceholders(template, { power });
}

function remainingText({ dispatch, format }: View): (now: number) => string {
  if (dispatch?.isOurs === false) return () => format.texts.dispatch_foreign;
  const endsAt = dispatch?.endsAt ?? null;
  if (endsAt === null) return () => "";
  return (now) =>
    fillPlaceholders(format.texts.remaining, { time: format.duration(Math.max(0, endsAt - now) / 1000) });
}
