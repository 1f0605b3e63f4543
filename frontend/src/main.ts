// Entry point: registers the custom elements and lists both cards in Home Assistant's card picker.
import { entitySuggestion } from "./config-form";
import { ELEMENTS } from "./elements";
import { RelativeTimeElement } from "./elements/relative-time";
import type { Hass } from "./ha";
import { LiveCard } from "./live-card";
import { StatusCard } from "./status-card";
import { textsFor, type Texts } from "./translations";

interface PickerEntry {
  readonly type: string;
  readonly name: string;
  readonly description: string;
  readonly preview: boolean;
  readonly documentationURL: string;
  getEntitySuggestion(hass: Hass, entityId: string): ReturnType<typeof entitySuggestion>;
}

declare global {
  interface Window {
    customCards?: PickerEntry[];
  }
}

const DOCUMENTATION = "https://github.com/alphaess-live/alphaess-live#cards";
const CARDS = [
  { card: LiveCard, name: "AlphaESS Live", description: "card_description" },
  { card: StatusCard, name: "AlphaESS Live status", description: "status_description" },
] as const;

/** After an update a page may load an old and a new version. The first definition stays, because a second one throws. */
function defineElement(tag: string, elementClass: CustomElementConstructor): void {
  if (customElements.get(tag) === undefined) customElements.define(tag, elementClass);
}

function addToPicker(tag: string, name: string, description: keyof Texts): void {
  const cards = (window.customCards ??= []);
  if (cards.some((entry) => entry.type === tag)) return;
  cards.push({
    type: tag,
    name,
    // The page may set the user's language after it has loaded the cards.
    get description() {
      return textsFor(document.documentElement.lang)[description];
    },
    preview: true,
    documentationURL: DOCUMENTATION,
    getEntitySuggestion: (hass, entityId) => entitySuggestion(tag, hass, entityId),
  });
}

defineElement(RelativeTimeElement.tag, RelativeTimeElement);
for (const element of ELEMENTS) defineElement(element.tag, element);
for (const { card, name, description } of CARDS) {
  defineElement(card.tag, card);
  addToPicker(card.tag, name, description);
}
