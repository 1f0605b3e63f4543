// What a card asks Home Assistant beside the feed, and when. Each answer may stay away; then its part is not shown.
import type { ReactiveController, ReactiveControllerHost } from "lit";
import {
  dispatchOf,
  energiesOf,
  equipmentOf,
  USUAL,
  type Dispatch,
  type Energies,
  type Equipment,
} from "./facts";
import { reasonOf, type Reason } from "./refusal";

/** What can be asked: nothing, what Home Assistant itself knows, or the inverter too. Else a browser logs a failure. */
export type Reach = "nothing" | "memory" | "inverter";

/** Calls `/api/<path>` as the user who is logged in. */
export type Api = (method: "GET" | "POST", path: string) => Promise<unknown>;

const TODAY = 5 * 60_000;
/** Home Assistant needs a moment to see that a dispatch has run out. */
const GRACE = 3_000;

export class Details implements ReactiveController {
  equipment: Equipment = USUAL;
  today: Energies | null = null;
  dispatch: Dispatch | null = null;
  reach: Reach = "nothing";

  #serial: string | null = null;
  #timer: ReturnType<typeof setInterval> | undefined;
  #end: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly host: ReactiveControllerHost,
    private readonly api: Api,
  ) {
    host.addController(this);
  }

  hostConnected(): void {
    this.#timer = setInterval(() => {
      if (!document.hidden) void this.#askToday();
    }, TODAY);
    document.addEventListener("visibilitychange", this.#onVisibility);
    this.#askAll();
  }

  hostDisconnected(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    clearTimeout(this.#end);
    document.removeEventListener("visibilitychange", this.#onVisibility);
  }

  /** Turns to another inverter (or to none) and forgets what was known about the one before. */
  about(serial: string | null): void {
    if (serial === this.#serial) return;
    this.#serial = serial;
    this.equipment = USUAL;
    this.today = null;
    this.dispatch = null;
    this.#askAll();
  }

  /** Once more is within reach, whatever was known is old, and what was not answered may be now. */
  reaches(reach: Reach): void {
    if (reach === this.reach) return;
    const more = this.reach === "nothing" || reach === "inverter";
    this.reach = reach;
    if (more) this.#askAll();
  }

  async askDispatch(): Promise<void> {
    clearTimeout(this.#end);
    if (this.reach !== "inverter") return;
    const answer = await this.#get("dispatch-status");
    this.dispatch = dispatchOf(answer, Date.now());
    const endsAt = this.dispatch?.endsAt ?? null;
    if (endsAt !== null) {
      this.#end = setTimeout(() => void this.askDispatch(), Math.max(0, endsAt - Date.now()) + GRACE);
    }
    this.host.requestUpdate();
  }

  /** Stops the running dispatch; answers with what went wrong, or null. */
  async stop(): Promise<Reason | null> {
    try {
      await this.api("POST", this.#path("stop"));
      return null;
    } catch (error) {
      return reasonOf(error);
    } finally {
      await this.askDispatch();
    }
  }

  readonly #onVisibility = (): void => {
    if (!document.hidden) void this.#askToday();
  };

  #askAll(): void {
    if (this.#timer === undefined) return;
    void this.#askEquipment();
    void this.#askToday();
    void this.askDispatch();
  }

  async #askEquipment(): Promise<void> {
    if (this.reach === "nothing") return;
    const answer = await this.#get("system/architecture");
    if (answer !== null) this.equipment = equipmentOf(answer);
    this.host.requestUpdate();
  }

  async #askToday(): Promise<void> {
    if (this.reach === "nothing") return;
    this.today = energiesOf(await this.#get("history/today"));
    this.host.requestUpdate();
  }

  async #get(name: string): Promise<unknown> {
    const asked = this.#serial;
    if (asked === null) return null;
    try {
      const answer = await this.api("GET", this.#path(name));
      return asked === this.#serial ? answer : null;
    } catch {
      return null;
    }
  }

  #path(name: string): string {
    return `alphaess/${name}?serial=${encodeURIComponent(this.#serial ?? "")}`;
  }
}
