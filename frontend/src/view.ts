// All data that an element may display, and the actions that an element may emit.
import type { Fault } from "./fault";
import type { DisplayState } from "./feed-state";
import type { Format } from "./format";
import type { LinkError, Power } from "./messages";
import type { Flow } from "./power-flow";
import type { Dispatch, Energies, Equipment, HoldBlock, OrderFailure } from "./rest-parsers";

export interface View {
  readonly state: DisplayState;
  readonly linkError: LinkError;
  readonly power: Power | null;
  readonly flows: readonly Flow[];
  /** When the values were measured, in milliseconds of this page's clock. */
  readonly measuredAt: number | null;
  /** Whether animations may run: the values are live and the card is visible. */
  readonly mayAnimate: boolean;
  readonly fault: Fault | null;
  readonly equipment: Equipment;
  readonly today: Energies | null;
  readonly dispatch: Dispatch | null;
  readonly orderFailure: OrderFailure | null;
  readonly debug: string;
  readonly format: Format;
}

/** What the user requests by a click. `entityKey` is the translation key of an entity. */
export type Action =
  | { readonly type: "pause" | "resume" | "refresh" | "stop" }
  | { readonly type: "hold"; readonly block: HoldBlock; readonly hours: number }
  | { readonly type: "more-info"; readonly entityKey: string };

export const ACTION = "alphaess-live-action";
