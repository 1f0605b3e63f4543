// What the feed itself is doing, for whoever looks for a fault.
import { css, html, nothing, type TemplateResult } from "lit";
import type { Option } from "../config";
import { ViewElement } from "./element";
import { shared } from "./styles";

export class Debug extends ViewElement {
  static readonly tag = "alphaess-live-debug";
  static readonly option: Option = "show_debug";
  static readonly beside = true;

  static has(): boolean {
    return true;
  }

  protected readonly reads = ["debug"] as const;

  protected override render(): TemplateResult | typeof nothing {
    return this.view === undefined ? nothing : html`<code>${this.view.debug}</code>`;
  }

  static override styles = [
    shared,
    css`
      code {
        display: block;
        font-size: 12px;
        overflow-wrap: anywhere;
        color: var(--alphaess-quiet);
      }
    `,
  ];
}
