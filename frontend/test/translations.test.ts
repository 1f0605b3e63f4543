// All languages have the same keys and placeholders.
import { describe, expect, test } from "vitest";
import { LANGUAGES, textsFor } from "../src/translations";
import { de } from "../src/translations/de";
import { en } from "../src/translations/en";
import { nl } from "../src/translations/nl";

const placeholders = (sentence: string): readonly string[] => (sentence.match(/\{\w+\}/g) ?? []).sort();

describe.each(Object.entries(LANGUAGES))("%s", (_, texts) => {
  test("has the same keys as English, none of them empty", () => {
    expect(Object.keys(texts)).toEqual(Object.keys(en));
    expect(Object.values(texts).every((sentence) => sentence.trim() !== "")).toBe(true);
  });

  test("has the same placeholders as English", () => {
    const ours = Object.entries(texts).map(([key, sentence]) => [key, placeholders(sentence)]);
    expect(ours).toEqual(Object.entries(en).map(([key, sentence]) => [key, placeholders(sentence)]));
  });
});

test("a language falls back to its parent language, then to English", () => {
  expect([
    textsFor("de"),
    textsFor("de-CH"),
    textsFor("nl"),
    textsFor("en-GB"),
    textsFor("fi"),
    textsFor(""),
  ]).toEqual([de, de, nl, en, en, en]);
});
