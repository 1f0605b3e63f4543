// The state of the feed, for troubleshooting.
import { css, html, nothing, type TemplateResult } from "lit";
import type { Option } from "../config";
import { ViewElement } from "./element";
import { sharedStyles } from "./shared.styles";

export class DebugElement extends ViewElement {
  static readonly tag = "alphaess-live-debug";
  static readonly option: Option = "show_debug";
  static readonly inSideColumn = true;

  static hasContent(): boolean {
    return true;
  }

  protected readonly viewKeys = ["debug"] as const;

  protected override render(): TemplateResult | typeof nothing {
    return this.view === undefined ? nothing : html`<code>${this.view.debug}</code>`;
  }

  static override styles = [
    sharedStyles,
    css`
      code {
        display: block;
        font-size: 12px;
        overflow-wrap: anywhere;
        color: var(--alphaess-secondary);
      }
    `,
  ];
}
