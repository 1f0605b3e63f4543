// The card with connection state, faults, power flow, battery, dispatch and today's energies of one inverter.
import { css } from "lit";
import { OPTIONS } from "./config";
import { configForm, stubConfig, type ConfigForm } from "./config-form";
import { ELEMENTS } from "./elements";
import { FeedCard } from "./feed-card";
import type { DisplayState } from "./feed-state";
import type { Format } from "./format";
import { UNAVAILABLE, type Hass } from "./ha";
import { RestData, type Availability, type CallApi } from "./rest-data";
import type { OrderFailure } from "./rest-parsers";
import type { Action, View } from "./view";

/** Which REST requests can succeed while the feed is in a state. */
const AVAILABILITY: Readonly<Record<DisplayState, Availability>> = {
  live: "inverter",
  paused: "inverter",
  disconnected: "home_assistant",
  feed_lost: "none",
  connecting: "none",
};

export class LiveCard extends FeedCard {
  static readonly tag = "alphaess-live-card";

  static getConfigForm(): ConfigForm {
    return configForm(OPTIONS);
  }

  static getStubConfig(hass: Hass): Readonly<Record<string, string>> {
    return stubConfig(hass);
  }

  protected readonly elementClasses = ELEMENTS;
  readonly #restData = new RestData(this, (...request) => this.#callApi(...request));
  #orderFailure: OrderFailure | null = null;
  #dispatchState: string | undefined;

  override get hass(): Hass | null {
    return super.hass;
  }

  override set hass(hass: Hass | null) {
    super.hass = hass;
    const state = this.entityState("dispatch_status");
    if (state === this.#dispatchState) return;
    this.#dispatchState = state;
    this.#orderFailure = null;
    if (state !== UNAVAILABLE) void this.#restData.updateDispatch();
  }

  getCardSize(): number {
    const { show_flow, show_battery, show_today, show_dispatch, show_control } = this.parsed.config;
    const rows = [
      1,
      show_flow ? 6 : 0,
      show_battery ? 2 : 0,
      show_today ? 2 : 0,
      show_dispatch ? 1 : 0,
      show_control ? 1 : 0,
    ];
    return rows.reduce((sum, count) => sum + count, 0);
  }

  getGridOptions(): Readonly<Record<string, number | string>> {
    return { columns: 12, rows: "auto", min_columns: 6 };
  }

  protected override willUpdate(): void {
    this.#restData.setSerial(this.inverter?.serial ?? null);
  }

  protected override buildView(format: Format): View {
    const view = super.buildView(format);
    this.#restData.setAvailability(AVAILABILITY[view.state]);
    const { equipment, today, dispatch, availability } = this.#restData;
    return {
      ...view,
      equipment,
      today,
      // While the inverter is disconnected, the dispatch may have ended unnoticed.
      dispatch: availability === "inverter" ? dispatch : null,
      orderFailure: this.#orderFailure,
    };
  }

  protected override onAction(action: Action): void {
    super.onAction(action);
    if (action.type === "stop") void this.#send("stop");
    if (action.type === "hold") {
      void this.#send("hold", { block: action.block, duration: action.hours * 3600 });
    }
  }

  async #send(...order: Parameters<RestData["send"]>): Promise<void> {
    this.#orderFailure = await this.#restData.send(...order);
    this.requestUpdate();
  }

  async #callApi(...request: Parameters<CallApi>): Promise<unknown> {
    return this.hass?.callApi(...request);
  }

  static override styles = [
    ...FeedCard.styles,
    css`
      @container (min-width: 640px) {
        .elements:has(alphaess-live-flow) {
          grid-template-columns: minmax(0, 1.25fr) minmax(0, 1fr);
          column-gap: 32px;
          align-items: center;
        }
        alphaess-live-banner,
        alphaess-live-fault {
          grid-column: 1 / -1;
        }
      }
    `,
  ];
}
