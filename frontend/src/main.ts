// Makes the two cards known to the browser and to Home Assistant's card picker.
import { LiveCard } from "./card";
import { ELEMENTS } from "./elements";
import { Tick } from "./elements/tick";
import { suggestionFor } from "./form";
import type { Hass } from "./ha";
import { StatusCard } from "./status-card";
import { wordsIn, type Words } from "./translations";

interface PickerEntry {
  readonly type: string;
  readonly name: string;
  readonly description: string;
  readonly preview: boolean;
  readonly documentationURL: string;
  getEntitySuggestion(hass: Hass, entityId: string): ReturnType<typeof suggestionFor>;
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

/** An old and a new version may both be loaded for a while after an update; the first one stays. */
function define(tag: string, element: CustomElementConstructor): void {
  if (customElements.get(tag) === undefined) customElements.define(tag, element);
}

function announce(tag: string, name: string, description: keyof Words): void {
  const cards = (window.customCards ??= []);
  if (cards.some((entry) => entry.type === tag)) return;
  cards.push({
    type: tag,
    name,
    // The page may learn the user's language after it has loaded the cards.
    get description() {
      return wordsIn(document.documentElement.lang)[description];
    },
    preview: true,
    documentationURL: DOCUMENTATION,
    getEntitySuggestion: (hass, entityId) => suggestionFor(tag, hass, entityId),
  });
}

define(Tick.tag, Tick);
for (const element of ELEMENTS) define(element.tag, element);
for (const { card, name, description } of CARDS) {
  define(card.tag, card);
  announce(card.tag, name, description);
}
