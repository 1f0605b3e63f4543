// The schema of a card's visual editor, and the configuration of a new card.
import type { Option } from "./config";
import { DEFAULT_OPTIONS } from "./config";
import { DOMAIN, listInverters, type Hass } from "./ha";
import { textsFor, type Texts } from "./translations";

interface FormField {
  readonly name: string;
  readonly selector: Readonly<Record<string, unknown>>;
  readonly default?: boolean;
}

export interface ConfigForm {
  readonly schema: readonly FormField[];
  computeLabel(field: { readonly name: string }): string | undefined;
}

export function configForm(options: readonly Option[]): ConfigForm {
  // Home Assistant requests the form before it passes `hass`, so the language comes from the page.
  const texts = textsFor(document.documentElement.lang);
  const labels: Readonly<Record<string, string>> = {
    device: texts.option_device,
    title: texts.option_title,
    ...Object.fromEntries(options.map((option) => [option, texts[labelKey(option)]])),
  };
  return {
    schema: [
      { name: "device", selector: { device: { filter: [{ integration: DOMAIN }] } } },
      { name: "title", selector: { text: {} } },
      ...options.map((name) => ({ name, selector: { boolean: {} }, default: DEFAULT_OPTIONS[name] })),
    ],
    computeLabel: ({ name }) => labels[name],
  };
}

/** Empty with one inverter. With several, a new card shows the first. */
export function stubConfig(hass: Hass): Readonly<Record<string, string>> {
  const [first, second] = listInverters(hass);
  return first !== undefined && second !== undefined ? { device: first.deviceId } : {};
}

/** Suggests a card for one of our entities; null for any other entity. */
export function entitySuggestion(
  tag: string,
  hass: Hass,
  entityId: string,
): { readonly config: Readonly<Record<string, string>> } | null {
  const entity = hass.entities[entityId];
  if (entity?.platform !== DOMAIN) return null;
  const device = listInverters(hass).length > 1 && entity.device_id ? { device: entity.device_id } : {};
  return { config: { type: `custom:${tag}`, ...device } };
}

function labelKey(option: Option): keyof Texts {
  return `option_${option}`;
}
