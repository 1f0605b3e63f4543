// What the inverter complains about: the most serious fault or warning in words, since when, and how many more; else nothing.
import { css, html, nothing, type TemplateResult } from "lit";
import type { Option } from "../config";
import { fill } from "../format";
import type { View } from "../view";
import { ViewElement } from "./element";
import { icon } from "./icons";
import { shared } from "./styles";

export class ComplaintElement extends ViewElement {
  static readonly tag = "alphaess-live-complaint";
  static readonly option: Option = "show_faults";
  static readonly beside = false;

  /** Always: a screen reader speaks of a region that it has known before, and a new one it may miss. */
  static has(): boolean {
    return true;
  }

  protected readonly reads = ["complaint", "format"] as const;

  protected override render(): TemplateResult | typeof nothing {
    const { view } = this;
    if (view === undefined) return nothing;
    const { complaint } = view;
    this.toggleAttribute("quiet", complaint === null);
    return html`<div role="status">
      ${
        complaint === null
          ? nothing
          : html`<button class=${complaint.severity} @click=${() => this.act({ do: "look", at: "faults" })}>
              ${icon("alert")}
              <span class="what">
                <span>${complaint.text}</span>
                <span class="quiet">${about(view)}</span>
              </span>
              ${icon("more")}
            </button>`
      }
    </div>`;
  }

  static override styles = [
    shared,
    css`
      /* Nothing to tell takes no room, and no gap between its neighbours either. */
      :host([quiet]) {
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
        --colour: var(--alphaess-bad);
      }
      .warning {
        --colour: var(--alphaess-uncertain);
      }
      .what {
        flex: 1;
        display: flex;
        flex-direction: column;
        font-weight: 500;
      }
      .what .quiet {
        font-size: 0.93em;
        font-weight: 400;
      }
      .icon:first-child {
        color: var(--colour);
      }
      .icon:last-child {
        width: 1.1em;
        height: 1.1em;
        color: var(--alphaess-quiet);
      }
    `,
  ];
}

/** "Fault since 10:31, and 2 more". */
function about({ complaint, format }: View): string {
  if (complaint === null) return "";
  const { words } = format;
  const { severity, since, others } = complaint;
  const parts = [
    since === null
      ? words[severity]
      : fill(words[`${severity}_since`], { time: format.clock(since, Date.now()) }),
  ];
  if (others > 0) parts.push(fill(words.and_more, { count: String(others) }));
  return parts.join(", ");
}
