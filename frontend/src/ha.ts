// The few things of Home Assistant's frontend that the cards touch, fenced into one file.
import type { Gate } from "./feed";
import type { Locale } from "./format";
import { object } from "./wire";

export const DOMAIN = "alphaess_live";
export const UNAVAILABLE = "unavailable";

interface Device {
  readonly id: string;
  readonly name: string | null;
  readonly name_by_user: string | null;
  readonly identifiers: readonly (readonly string[])[];
  readonly via_device_id?: string | null;
}

interface Entity {
  readonly entity_id: string;
  readonly device_id?: string | null;
  readonly platform?: string;
  readonly translation_key?: string;
}

export interface EntityState {
  readonly state: string;
  readonly attributes?: Readonly<Record<string, unknown>>;
}

export interface Hass {
  readonly connected: boolean;
  readonly language: string;
  readonly locale: Locale;
  readonly config: { readonly time_zone: string };
  readonly devices: Readonly<Record<string, Device>>;
  readonly entities: Readonly<Record<string, Entity>>;
  readonly states: Readonly<Record<string, EntityState | undefined>>;
  /** Writes a state in the language of the user; another function as soon as more of it is loaded. */
  readonly formatEntityState?: (entity: EntityState) => string;
  callWS(message: Readonly<Record<string, unknown>>): Promise<unknown>;
  callApi(method: "GET" | "POST", path: string): Promise<unknown>;
  hassUrl(path: string): string;
}

export interface Inverter {
  readonly deviceId: string;
  readonly serial: string;
  readonly name: string;
}

/** The inverters that are set up, by name. A battery or meter that hangs on one is a device too, but not meant. */
export function invertersOf(hass: Hass): readonly Inverter[] {
  return Object.values(hass.devices)
    .flatMap((device) => {
      const serial = device.identifiers.find(([domain]) => domain === DOMAIN)?.[1];
      if (serial === undefined || device.via_device_id) return [];
      return [{ deviceId: device.id, serial, name: device.name_by_user ?? device.name ?? serial }];
    })
    .sort((a, b) => a.name.localeCompare(b.name));
}

/** Finds the entity of a device that shows one quantity; its own name may have been changed by the user. */
export class Finder {
  #among: Hass["entities"] | null = null;
  readonly #found = new Map<string, string | null>();

  /** Asked for each change of any entity of the house, so the search is done once and not each time. */
  find(hass: Hass, deviceId: string, key: string): string | null {
    if (hass.entities !== this.#among) this.#found.clear();
    this.#among = hass.entities;
    const known = this.#found.get(deviceId + key);
    if (known !== undefined) return known;
    const entity = Object.values(hass.entities).find(
      (each) => each.device_id === deviceId && each.platform === DOMAIN && each.translation_key === key,
    );
    this.#found.set(deviceId + key, entity?.entity_id ?? null);
    return entity?.entity_id ?? null;
  }
}

/** Opens Home Assistant's own dialog about an entity. */
export function showMoreInfo(element: HTMLElement, entityId: string): void {
  element.dispatchEvent(
    new CustomEvent("hass-more-info", { bubbles: true, composed: true, detail: { entityId } }),
  );
}

/** How the feed gets in: Home Assistant signs the exact path, query included, for half a minute. */
export function gateOf(hass: Hass): Gate {
  return {
    async sign(path) {
      const { path: signed } = object(await hass.callWS({ type: "auth/sign_path", path, expires: 30 }));
      if (typeof signed !== "string") throw new Error("Home Assistant did not sign the path of the feed.");
      return signed;
    },
    socketUrl: (path) => hass.hassUrl(path).replace(/^http/, "ws"),
  };
}
