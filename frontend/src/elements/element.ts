// The base class of all elements: gets a view, emits actions, and redraws only when the fields it uses have changed.
import { LitElement, nothing, type PropertyValues, type TemplateResult } from "lit";
import type { Option } from "../config";
import { ACTION, type Action, type View } from "../view";

/** The static side of an element class, as listed in `ELEMENTS`. */
export interface ElementClass {
  readonly tag: string;
  /** The configuration option that shows it. Without one it is always shown. */
  readonly option?: Option;
  /** Whether it is placed beside the power flow on a wide card. */
  readonly inSideColumn?: boolean;
  /** Whether it has anything to display; true by default. */
  hasContent?(view: View): boolean;
  new (): ViewElement;
}

export abstract class ViewElement extends LitElement {
  static override properties = { view: { attribute: false } };

  declare view: View | undefined;

  /** The fields of the view that this element displays. */
  protected abstract readonly viewKeys: readonly (keyof View)[];

  protected override shouldUpdate(changed: PropertyValues<this>): boolean {
    const { view } = this;
    if (view === undefined) return false;
    const before = changed.get("view");
    if (before === undefined || changed.size > 1) return true;
    return this.viewKeys.some((key) => before[key] !== view[key]);
  }

  protected abstract renderView(view: View): TemplateResult | typeof nothing;

  protected override render(): TemplateResult | typeof nothing {
    return this.view ? this.renderView(this.view) : nothing;
  }

  protected showMoreInfo(entityKey: string): void {
    this.emitAction({ type: "more-info", entityKey });
  }

  /** The focused button is removed by a change of state, so the first new one gets the focus. */
  protected async focusFirstAction(): Promise<void> {
    await this.updateComplete;
    this.renderRoot.querySelector<HTMLElement>(".action")?.focus();
  }

  protected emitAction(action: Action): void {
    this.dispatchEvent(new CustomEvent(ACTION, { bubbles: true, composed: true, detail: action }));
  }
}

declare global {
  interface HTMLElementEventMap {
    [ACTION]: CustomEvent<Action>;
  }
}
