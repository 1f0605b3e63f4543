// The data that a card gets over REST, and when it is requested. A part without an answer is not displayed.
import type { ReactiveController, ReactiveControllerHost } from "lit";
import {
  DEFAULT_EQUIPMENT,
  parseDispatch,
  parseEnergies,
  parseEquipment,
  parseFailureReason,
  type Dispatch,
  type Energies,
  type Equipment,
  type OrderFailure,
} from "./rest-parsers";

/** Which requests can succeed now: none, those that Home Assistant answers alone, or all. Failed requests fill the browser's log. */
export type Availability = "none" | "home_assistant" | "inverter";

/** Calls `/api/<path>` with the login of the user. */
export type CallApi = (
  method: "GET" | "POST",
  path: string,
  body?: Readonly<Record<string, unknown>>,
) => Promise<unknown>;

const TODAY_INTERVAL_MS = 5 * 60_000;
/** Home Assistant needs some seconds to notice the end of a dispatch. */
const DISPATCH_END_DELAY_MS = 3_000;

export class RestData implements ReactiveController {
  equipment: Equipment = DEFAULT_EQUIPMENT;
  today: Energies | null = null;
  dispatch: Dispatch | null = null;
  availability: Availability = "none";

  readonly #host: ReactiveControllerHost;
  readonly #callApi: CallApi;
  #serial: string | null = null;
  #todayTimer: ReturnType<typeof setInterval> | undefined;
  #dispatchTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(host: ReactiveControllerHost, callApi: CallApi) {
    this.#host = host;
    this.#callApi = callApi;
    host.addController(this);
  }

  hostConnected(): void {
    this.#todayTimer = setInterval(() => {
      if (!document.hidden) void this.#updateToday();
    }, TODAY_INTERVAL_MS);
    document.addEventListener("visibilitychange", this.#onVisibility);
    this.#updateAll();
  }

  hostDisconnected(): void {
    clearInterval(this.#todayTimer);
    this.#todayTimer = undefined;
    clearTimeout(this.#dispatchTimer);
    document.removeEventListener("visibilitychange", this.#onVisibility);
  }

  /** Selects another inverter or none, and discards the data of the previous one. */
  setSerial(serial: string | null): void {
    if (serial === this.#serial) return;
    this.#serial = serial;
    this.equipment = DEFAULT_EQUIPMENT;
    this.today = null;
    this.dispatch = null;
    this.#updateAll();
  }

  /** Requests everything again when more requests can succeed: the present data is old or incomplete. */
  setAvailability(availability: Availability): void {
    if (availability === this.availability) return;
    const hasMore = this.availability === "none" || availability === "inverter";
    this.availability = availability;
    if (hasMore) this.#updateAll();
  }

  async updateDispatch(): Promise<void> {
    clearTimeout(this.#dispatchTimer);
    if (this.availability !== "inverter") return;
    const answer = await this.#get("dispatch-status");
    this.dispatch = parseDispatch(answer, Date.now());
    const endsAt = this.dispatch?.endsAt ?? null;
    if (endsAt !== null) {
      this.#dispatchTimer = setTimeout(
        () => void this.updateDispatch(),
        Math.max(0, endsAt - Date.now()) + DISPATCH_END_DELAY_MS,
      );
    }
    this.#host.requestUpdate();
  }

  /** Sends an order. Returns its failure, or null. */
  async send(
    order: OrderFailure["order"],
    body?: Readonly<Record<string, unknown>>,
  ): Promise<OrderFailure | null> {
    try {
      await this.#callApi("POST", this.#path(order), body);
      return null;
    } catch (error) {
      return { order, reason: parseFailureReason(error) };
    } finally {
      await this.updateDispatch();
    }
  }

  readonly #onVisibility = (): void => {
    if (!document.hidden) void this.#updateToday();
  };

  #updateAll(): void {
    if (this.#todayTimer === undefined) return;
    void this.#updateEquipment();
    void this.#updateToday();
    void this.updateDispatch();
  }

  async #updateEquipment(): Promise<void> {
    if (this.availability === "none") return;
    const answer = await this.#get("system/architecture");
    if (answer !== null) this.equipment = parseEquipment(answer);
    this.#host.requestUpdate();
  }

  async #updateToday(): Promise<void> {
    if (this.availability === "none") return;
    this.today = parseEnergies(await this.#get("history/today"));
    this.#host.requestUpdate();
  }

  async #get(name: string): Promise<unknown> {
    const serial = this.#serial;
    if (serial === null) return null;
    try {
      const answer = await this.#callApi("GET", this.#path(name));
      return serial === this.#serial ? answer : null;
    } catch {
      return null;
    }
  }

  #path(name: string): string {
    return `alphaess/${name}?serial=${encodeURIComponent(this.#serial ?? "")}`;
  }
}
