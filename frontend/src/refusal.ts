// Why Home Assistant did not carry an order out: by the codes of its answers, whose sentences are English; pure.
import type { Words } from "./translations";
import { number, object } from "./wire";

export type Reason = Extract<keyof Words, `stop_${string}` | "no_answer" | "unknown_cause">;

/** What may happen to an order that a card gives; the others mean that the card itself is wrong. */
const REASONS = new Map<unknown, Reason>([
  ["foreign_dispatch", "stop_foreign"],
  ["control_not_permitted", "stop_forbidden"],
  ["read_not_permitted", "stop_forbidden"],
  ["not_applied", "stop_not_applied"],
  ["modbus_disconnected", "unknown_cause"],
  ["not_loaded", "stop_not_loaded"],
  ["no_inverter", "stop_gone"],
  ["unknown_inverter", "stop_gone"],
]);

export function reasonOf(error: unknown): Reason {
  const { body, status_code } = object(error);
  if (number(status_code) === null) return "no_answer";
  return REASONS.get(object(body)["error"]) ?? "stop_impossible";
}
