// The base class of all elements: gets a view, emits actions, and redraws only when the fields it uses have changed.
import { LitElement, type PropertyValues } from "lit";
import type { Option } from "../config";
import { ACTION, type Action, type View } from "../view";

/** The static side of an element class, as listed in `ELEMENTS`. */
export interface ElementClass {
  readonly tag: string;
  /** The configuration option that shows it; null if it is always shown. */
  readonly option: Option | null;
  /** Whether it is placed beside the power flow on a wide card. */
  readonly inSideColumn: boolean;
  /** Whether it has anything to display. */
  hasContent(view: View): boolean;
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

  protected emitAction(action: Action): void {
    this.dispatchEvent(new CustomEvent(ACTION, { bubbles: true, composed: true, detail: action }));
  }
}

declare global {
  interface HTMLElementEventMap {
    [ACTION]: CustomEvent<Action>;
  }
}
