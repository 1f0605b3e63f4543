// Why an order was refused, in the words of the card: never in those of the answer, which are English.
import { describe, expect, test } from "vitest";
import { reasonOf } from "../src/refusal";
import { LANGUAGES } from "../src/translations";
import { en } from "../src/translations/en";

const ENGLISH = "A sentence for a program's log.";
const answer = (error: unknown, status_code = 409): unknown => ({
  error: `Response error: ${status_code}`,
  status_code,
  body: { error, message: ENGLISH },
});

describe("a refusal", () => {
  test.each([
    ["foreign_dispatch", "Another program controls the battery now."],
    ["control_not_permitted", "You may not control the inverter, or its controls are switched off."],
    ["read_not_permitted", "You may not control the inverter, or its controls are switched off."],
    ["not_applied", "The inverter did not accept it."],
    ["modbus_disconnected", "The inverter does not answer."],
    ["not_loaded", "The inverter is being set up, or that failed."],
    ["unknown_inverter", "The inverter is no longer set up."],
    ["no_inverter", "The inverter is no longer set up."],
  ])("as %s is told in words", (code, words) => {
    expect(en[reasonOf(answer(code))]).toBe(words);
  });

  test.each([
    ["a code of tomorrow", answer("solar_eclipse")],
    ["a name that every object has", answer("constructor")],
    ["no code", answer(undefined)],
    ["a body that is no JSON of ours", { status_code: 502, body: "Bad Gateway" }],
  ])("with %s is told in one sentence for all", (_, error) => {
    expect(en[reasonOf(error)]).toBe("Home Assistant could not do it.");
  });

  test.each([[undefined], [new TypeError("Failed to fetch")], [{ error: "Request error" }]])(
    "that is none, since nobody answered, is told too: %s",
    (error) => {
      expect(en[reasonOf(error)]).toBe("Home Assistant did not answer.");
    },
  );

  test.each(["de", "nl"])("is told in another language than English: %s", (language) => {
    for (const code of ["foreign_dispatch", "not_applied", "solar_eclipse"]) {
      const reason = reasonOf(answer(code));
      expect(LANGUAGES[language]?.[reason]).not.toBe(en[reason]);
    }
  });
});
