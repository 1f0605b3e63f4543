// A running dispatch: what the battery was told, how long it still holds, and the way to stop it.
import { css, html, nothing, type TemplateResult } from "lit";
import type { Option } from "../config";
import { fill } from "../format";
import type { View } from "../view";
import { ViewElement } from "./element";
import { icon } from "./icons";
import { shared } from "./styles";

export class DispatchElement extends ViewElement {
  static readonly tag = "alphaess-live-dispatch";
  static readonly option: Option = "show_dispatch";
  static readonly beside = true;
  static override properties = { ...ViewElement.properties, asking: { state: true } };

  static has(view: View): boolean {
    return view.dispatch !== null || view.stopFailure !== null;
  }

  declare asking: boolean;
  protected readonly reads = ["dispatch", "stopFailure", "format"] as const;

  constructor() {
    super();
    this.asking = false;
  }

  protected override render(): TemplateResult | typeof nothing {
    const { view } = this;
    if (view === undefined) return nothing;
    const { dispatch, stopFailure, format } = view;
    return html`
      <section>
        ${dispatch === null ? nothing : this.asking && dispatch.ours ? this.#question(view) : this.#running(view)}
        ${
          stopFailure === null
            ? nothing
            : html`<p role="alert">
                ${fill(format.words.stop_failed, { reason: format.words[stopFailure] })}
              </p>`
        }
      </section>
    `;
  }

  #running(view: View): TemplateResult {
    const { words } = view.format;
    return html`
      <div class="sign">${icon("bolt")}</div>
      <button class="what" @click=${() => this.act({ do: "look", at: "dispatch_status" })}>
        <span>${orderOf(view)}</span>
        <alphaess-live-tick class="quiet" .say=${leftOf(view)}></alphaess-live-tick>
      </button>
      ${
        view.dispatch?.ours === true
          ? html`<button class="action worded" @click=${() => void this.#ask(true)}>${words.stop}</button>`
          : nothing
      }
    `;
  }

  #question(view: View): TemplateResult {
    const { words } = view.format;
    const stop = (): void => {
      void this.#ask(false);
      this.act({ do: "stop" });
    };
    return html`
      <span class="question" role="alert">${words.stop_question}</span>
      <span class="answers">
        <button class="action worded" @click=${() => void this.#ask(false)}>${words.keep}</button>
        <button class="action worded sure" @click=${stop}>${words.stop}</button>
      </span>
    `;
  }

  /** The button that had the focus is gone then; another one in its place gets it. */
  async #ask(asking: boolean): Promise<void> {
    this.asking = asking;
    await this.updateComplete;
    this.renderRoot.querySelector<HTMLElement>(".action")?.focus();
  }

  static override styles = [
    shared,
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
      .sign {
        display: flex;
        color: var(--alphaess-battery);
      }
      .what {
        flex: 1;
        min-width: 0;
        display: flex;
        flex-direction: column;
        text-align: start;
        font-weight: 500;
      }
      .what .quiet {
        font-size: 0.93em;
        font-weight: 400;
      }
      .question {
        flex: 1 1 180px;
      }
      .answers {
        display: flex;
        gap: 8px;
        margin-inline-start: auto;
      }
      .action.worded {
        padding: 0 16px;
      }
      .sure {
        box-shadow: inset 0 0 0 2px var(--alphaess-bad);
      }
      p {
        flex-basis: 100%;
        margin: 0;
      }
    `,
  ];
}

function orderOf({ dispatch, format }: View): string {
  const { words } = format;
  if (dispatch === null || dispatch.kind === "hold") return words.dispatch_hold;
  if (dispatch.kind === "other") return words.dispatch_other;
  const { value, unit } = format.setting(dispatch.power);
  const sentence = dispatch.kind === "charge" ? words.dispatch_charge : words.dispatch_discharge;
  return fill(sentence, { power: `${value} ${unit}`, soc: format.percent(dispatch.targetSoc) });
}

function leftOf({ dispatch, format }: View): (now: number) => string {
  if (dispatch?.ours === false) return () => format.words.dispatch_foreign;
  const endsAt = dispatch?.endsAt ?? null;
  if (endsAt === null) return () => "";
  return (now) => fill(format.words.left, { time: format.duration(Math.max(0, endsAt - now) / 1000) });
}
