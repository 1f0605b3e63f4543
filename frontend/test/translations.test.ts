// Every language says everything, with the same gaps to fill.
import { describe, expect, test } from "vitest";
import { LANGUAGES, wordsIn } from "../src/translations";
import { de } from "../src/translations/de";
import { en } from "../src/translations/en";
import { nl } from "../src/translations/nl";

const gaps = (sentence: string): readonly string[] => (sentence.match(/\{\w+\}/g) ?? []).sort();

describe.each(Object.entries(LANGUAGES))("%s", (_, words) => {
  test("has the same keys as English, none of them empty", () => {
    expect(Object.keys(words)).toEqual(Object.keys(en));
    expect(Object.values(words).every((sentence) => sentence.trim() !== "")).toBe(true);
  });

  test("leaves the same gaps as English", () => {
    const ours = Object.entries(words).map(([key, sentence]) => [key, gaps(sentence)]);
    expect(ours).toEqual(Object.entries(en).map(([key, sentence]) => [key, gaps(sentence)]));
  });
});

test("a language falls back to its parent, then to English", () => {
  expect([
    wordsIn("de"),
    wordsIn("de-CH"),
    wordsIn("nl"),
    wordsIn("en-GB"),
    wordsIn("fi"),
    wordsIn(""),
  ]).toEqual([de, de, nl, en, en, en]);
});
