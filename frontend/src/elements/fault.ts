// The most serious active fault or warning, since when it is active, and how many others are active.
import { css, html, nothing, type TemplateResult } from "lit";
import type { Option } from "../config";
import { fillPlaceholders } from "../format";
import type { View } from "../view";
import { ViewElement } from "./element";
import { icon } from "./icons";
import { sharedStyles } from "./shared.styles";

export class FaultElement extends ViewElement {
  static readonly tag = "alphaess-live-fault";
  static readonly option: Option = "show_faults";

  protected readonly viewKeys = ["fault", "format"] as const;

  protected override renderView(view: View): TemplateResult {
    const { fault } = view;
    this.toggleAttribute("empty", fault === null);
    // Present without a fault too: a screen reader announces changes only in a region that already exists.
    return html`<div role="status">
      ${
        fault === null
          ? nothing
          : html`<button class=${fault.severity} @click=${() => this.showMoreInfo("faults")}>
              ${icon("alert")}
              <span class="description">
                <span>${fault.text}</span>
                <span class="secondary">${detailText(view)}</span>
              </span>
              ${icon("more")}
            </button>`
      }
    </div>`;
  }

  static override styles = [
    sharedStyles,
    css`
      /* Without a fault the element takes no space, and no gap in the grid. */
      :host([empty]) {
        position: absolute;
      }
      button {
        display: flex;
        align-items: center;
        gap: 12px;
        width: 100%;
        box-sizing: border-box;
        min-height: 52px;
        padding: 8px 12px 8px 14px;
        border-radius: 12px;
        text-align: start;
        background: color-mix(in srgb, var(--colour) 14%, transparent);
      }
      .fault {
        --colour: var(--alphaess-error);
      }
      .warning {
        --colour: var(--alphaess-warning);
      }
      .description {
        flex: 1;
        display: flex;
        flex-direction: column;
        font-weight: 500;
      }
      .description .secondary {
        font-size: 0.93em;
        font-weight: 400;
      }
      .icon:first-child {
        color: var(--colour);
      }
      .icon:last-child {
        width: 1.1em;
        height: 1.1em;
        color: var(--alphaess-secondary);
      }
    `,
  ];
}

/** "Fault since 10:31, and 2 more". */
function detailText({ fault, format }: View): string {
  if (fault === null) return "";
  const { texts } = format;
  const { severity, since, otherCount } = fault;
  const parts = [
    since === null
      ? texts[severity]
      : fillPlaceholders(texts[`${severity}_since`], { time: format.time(since, Date.now()) }),
  ];
  if (otherCount > 0) parts.push(fillPlaceholders(texts.more_faults, { count: String(otherCount) }));
  return parts.join(", ");
}
