// What every element of a card shares: one picture in, actions out, redrawn only when what it reads has changed.
import { LitElement, type PropertyValues } from "lit";
import type { Option } from "../config";
import { ACTION, type Action, type View } from "../view";

/** An element as a card sees it: a row of `ELEMENTS`. */
export interface ElementClass {
  readonly tag: string;
  /** The switch in the configuration that shows it; null for one that is always there. */
  readonly option: Option | null;
  /** Whether it stands beside the power flow where there is room for two columns. */
  readonly beside: boolean;
  /** Whether there is anything to show. */
  has(view: View): boolean;
  new (): ViewElement;
}

export abstract class ViewElement extends LitElement {
  static override properties = { view: { attribute: false } };

  declare view: View | undefined;

  /** The parts of the view that this element draws. */
  protected abstract readonly reads: readonly (keyof View)[];

  protected override shouldUpdate(changed: PropertyValues<this>): boolean {
    const { view } = this;
    if (view === undefined) return false;
    const before = changed.get("view");
    if (before === undefined || changed.size > 1) return true;
    return this.reads.some((key) => before[key] !== view[key]);
  }

  protected act(action: Action): void {
    this.dispatchEvent(new CustomEvent(ACTION, { bubbles: true, composed: true, detail: action }));
  }
}

declare global {
  interface HTMLElementEventMap {
    [ACTION]: CustomEvent<Action>;
  }
}
