// The state of the feed, for troubleshooting.
import { css, html, type TemplateResult } from "lit";
import type { Option } from "../config";
import type { View } from "../view";
import { ViewElement } from "./element";
import { sharedStyles } from "./shared.styles";

export class DebugElement extends ViewElement {
  static readonly tag = "alphaess-live-debug";
  static readonly option: Option = "show_debug";
  static readonly inSideColumn = true;

  protected readonly viewKeys = ["debug"] as const;

  protected override renderView({ debug }: View): TemplateResult {
    return html`<code>${debug}</code>`;
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
