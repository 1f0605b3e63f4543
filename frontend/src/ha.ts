// The parts of Home Assistant's frontend that the cards use: types, inverters, entities, the more-info dialog.
import type { FeedTransport } from "./feed";
import type { Locale } from "./format";
import { asObject } from "./messages";

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
  /** Translates a state. Home Assistant replaces this function when it has loaded more translations. */
  readonly formatEntityState?: (entity: EntityState) => string;
  callWS(message: Readonly<Record<string, unknown>>): Promise<unknown>;
  callApi(
    method: "GET" | "POST",
    path: string,
    parameters?: Readonly<Record<string, unknown>>,
  ): Promise<unknown>;
  hassUrl(path: string): string;
}

export interface Inverter {
  readonly deviceId: string;
  readonly serial: string;
  readonly name: string;
}

/** The configured inverters, sorted by name. Devices connected via an inverter, such as a battery, are left out. */
export function listInverters(hass: Hass): readonly Inverter[] {
  return Object.values(hass.devices)
    .flatMap((device) => {
      const serial = device.identifiers.find(([domain]) => domain === DOMAIN)?.[1];
      if (serial === undefined || device.via_device_id) return [];
      return [{ deviceId: device.id, serial, name: device.name_by_user ?? device.name ?? serial }];
    })
    .sort((a, b) => a.name.localeCompare(b.name));
}

/** Finds entities by device and translation key, because the user may change their entity ids. */
export class EntityLookup {
  #entities: Hass["entities"] | null = null;
  readonly #entityIds = new Map<string, string | null>();

  /** Runs on each state change in Home Assistant, so results are cached until the entity registry changes. */
  find(hass: Hass, deviceId: string, key: string): string | null {
    if (hass.entities !== this.#entities) this.#entityIds.clear();
    this.#entities = hass.entities;
    const known = this.#entityIds.get(deviceId + key);
    if (known !== undefined) return known;
    const entity = Object.values(hass.entities).find(
      (each) => each.device_id === deviceId && each.platform === DOMAIN && each.translation_key === key,
    );
    this.#entityIds.set(deviceId + key, entity?.entity_id ?? null);
    return entity?.entity_id ?? null;
  }
}

/** Opens Home Assistant's more-info dialog of an entity. */
export function showMoreInfo(element: HTMLElement, entityId: string): void {
  element.dispatchEvent(
    new CustomEvent("hass-more-info", { bubbles: true, composed: true, detail: { entityId } }),
  );
}

/** Home Assistant signs the exact path including its query; the signature is valid for 30 s. */
export function feedTransport(hass: Hass): FeedTransport {
  return {
    async sign(path) {
      const { path: signed } = asObject(await hass.callWS({ type: "auth/sign_path", path, expires: 30 }));
      if (typeof signed !== "string") throw new Error("Home Assistant did not sign the path of the feed.");
      return signed;
    },
    socketUrl: (path) => hass.hassUrl(path).replace(/^http/, "ws"),
  };
}
