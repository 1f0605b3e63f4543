// The visual editor of a card, as a schema that Home Assistant draws; and what a card starts with.
import type { Option } from "./config";
import { DEFAULTS } from "./config";
import { DOMAIN, invertersOf, type Hass } from "./ha";
import { wordsIn, type Words } from "./translations";

interface Field {
  readonly name: string;
  readonly selector: Readonly<Record<string, unknown>>;
  readonly default?: boolean;
}

export interface Form {
  readonly schema: readonly Field[];
  computeLabel(field: { readonly name: string }): string | undefined;
}

export function formOf(options: readonly Option[]): Form {
  // The editor is asked for before it is told the user's language; the page has it.
  const words = wordsIn(document.documentElement.lang);
  const labels: Readonly<Record<string, string>> = {
    device: words.option_device,
    title: words.option_title,
    ...Object.fromEntries(options.map((option) => [option, words[labelOf(option)]])),
  };
  return {
    schema: [
      { name: "device", selector: { device: { filter: [{ integration: DOMAIN }] } } },
      { name: "title", selector: { text: {} } },
      ...options.map((name) => ({ name, selector: { boolean: {} }, default: DEFAULTS[name] })),
    ],
    computeLabel: ({ name }) => labels[name],
  };
}

/** Nothing needs to be said with one inverter; with several, a fresh card shows the first. */
export function stubOf(hass: Hass): Readonly<Record<string, string>> {
  const [first, second] = invertersOf(hass);
  return first !== undefined && second !== undefined ? { device: first.deviceId } : {};
}

/** The card for one entity, if the entity is ours. */
export function suggestionFor(
  tag: string,
  hass: Hass,
  entityId: string,
): { readonly config: Readonly<Record<string, string>> } | null {
  const entity = hass.entities[entityId];
  if (entity?.platform !== DOMAIN) return null;
  const device = invertersOf(hass).length > 1 && entity.device_id ? { device: entity.device_id } : {};
  return { config: { type: `custom:${tag}`, ...device } };
}

function labelOf(option: Option): keyof Words {
  return `option_${option}`;
}
