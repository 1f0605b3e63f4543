// Everything an element may draw, in one frozen picture; the elements know nothing else.
import type { Flow } from "./balance";
import type { Complaint } from "./complaint";
import type { Dispatch, Energies, Equipment } from "./facts";
import type { Format } from "./format";
import type { Reason } from "./refusal";
import type { State } from "./state";
import type { Power, Trouble } from "./wire";

export interface View {
  readonly state: State;
  readonly trouble: Trouble;
  readonly power: Power | null;
  readonly flows: readonly Flow[];
  /** When the values were measured, on this page's clock. */
  readonly measuredAt: number | null;
  /** Whether anything may move: live, on screen, in a page that is shown. */
  readonly moving: boolean;
  readonly complaint: Complaint | null;
  readonly equipment: Equipment;
  readonly today: Energies | null;
  readonly dispatch: Dispatch | null;
  readonly stopFailure: Reason | null;
  readonly debug: string;
  readonly format: Format;
}

/** What a user asks for by touching an element. */
export type Action =
  { readonly do: "pause" | "resume" | "refresh" | "stop" } | { readonly do: "look"; readonly at: string };

export const ACTION = "alphaess-live-action";
