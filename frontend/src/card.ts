// The card: connection, power flow, battery, dispatch and today's energies of one inverter.
import { css } from "lit";
import { OPTIONS } from "./config";
import { Details, type Reach } from "./details";
import { ELEMENTS } from "./elements";
import { FeedCard } from "./feed-card";
import { formOf, stubOf, type Form } from "./form";
import type { Format } from "./format";
import { UNAVAILABLE, type Hass } from "./ha";
import type { Reason } from "./refusal";
import type { State } from "./state";
import type { Action, View } from "./view";

/** What the feed's state tells about the other ways to the same Home Assistant and the same inverter. */
const REACH: Readonly<Record<State, Reach>> = {
  live: "inverter",
  paused: "inverter",
  disconnected: "memory",
  feed_lost: "nothing",
  connecting: "nothing",
};

export class LiveCard extends FeedCard {
  static readonly tag = "alphaess-live-card";

  static getConfigForm(): Form {
    return formOf(OPTIONS);
  }

  static getStubConfig(hass: Hass): Readonly<Record<string, string>> {
    return stubOf(hass);
  }

  protected readonly elements = ELEMENTS;
  readonly #details = new Details(this, (method, path) => this.#callApi(method, path));
  #stopFailure: Reason | null = null;
  #dispatchState: string | undefined;

  override get hass(): Hass | null {
    return super.hass;
  }

  override set hass(hass: Hass | null) {
    super.hass = hass;
    const state = this.said("dispatch_status");
    if (state === this.#dispatchState) return;
    this.#dispatchState = state;
    this.#stopFailure = null;
    if (state !== UNAVAILABLE) void this.#details.askDispatch();
  }

  getCardSize(): number {
    const { show_flow, show_battery, show_today, show_dispatch } = this.checked.config;
    const rows = [1, show_flow ? 6 : 0, show_battery ? 2 : 0, show_today ? 2 : 0, show_dispatch ? 1 : 0];
    return rows.reduce((sum, count) => sum + count, 0);
  }

  getGridOptions(): Readonly<Record<string, number | string>> {
    return { columns: 12, rows: "auto", min_columns: 6 };
  }

  protected override willUpdate(): void {
    this.#details.about(this.inverter?.serial ?? null);
  }

  protected override view(format: Format): View {
    const view = super.view(format);
    this.#details.reaches(REACH[view.state]);
    const { equipment, today, dispatch, reach } = this.#details;
    return {
      ...view,
      equipment,
      today,
      // What was told to an inverter that is away may be over by now.
      dispatch: reach === "inverter" ? dispatch : null,
      stopFailure: this.#stopFailure,
    };
  }

  protected override act(action: Action): void {
    super.act(action);
    if (action.do === "stop") void this.#stop();
  }

  async #stop(): Promise<void> {
    this.#stopFailure = await this.#details.stop();
    this.requestUpdate();
  }

  async #callApi(method: "GET" | "POST", path: string): Promise<unknown> {
    return this.hass?.callApi(method, path);
  }

  static override styles = [
    ...FeedCard.styles,
    css`
      @container (min-width: 640px) {
        .parts:has(alphaess-live-flow) {
          grid-template-columns: minmax(0, 1.25fr) minmax(0, 1fr);
          column-gap: 32px;
          align-items: center;
        }
        alphaess-live-banner,
        alphaess-live-complaint {
          grid-column: 1 / -1;
        }
      }
    `,
  ];
}
