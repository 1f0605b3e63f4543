// Which language the cards speak: the user's own, its parent, or English.
import { de } from "./de";
import { en } from "./en";
import { nl } from "./nl";

export type Words = Readonly<Record<keyof typeof en, string>>;

export const LANGUAGES: Readonly<Record<string, Words>> = { en, de, nl };

export function wordsIn(language: string): Words {
  return LANGUAGES[language] ?? LANGUAGES[language.split("-")[0] ?? ""] ?? en;
}
