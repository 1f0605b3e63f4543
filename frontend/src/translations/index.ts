// Selects the texts of the user's language, of its parent language, or English.
import { de } from "./de";
import { en } from "./en";
import { nl } from "./nl";

export type Texts = Readonly<Record<keyof typeof en, string>>;

export const LANGUAGES: Readonly<Record<string, Texts>> = { en, de, nl };

export function textsFor(language: string): Texts {
  return LANGUAGES[language] ?? LANGUAGES[language.split("-")[0] ?? ""] ?? en;
}
