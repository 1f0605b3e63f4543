// A socket that says what a test tells it to, for everything that depends on the clock.
import { vi } from "vitest";

export class ScriptedSocket {
  static readonly OPEN = 1;
  static all: ScriptedSocket[] = [];

  readyState = 1;
  readonly sent: unknown[] = [];
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: (() => void) | null = null;

  constructor(readonly url: string) {
    ScriptedSocket.all.push(this);
  }

  static get last(): ScriptedSocket {
    const last = ScriptedSocket.all.at(-1);
    if (last === undefined) throw new Error("Nobody has opened a socket.");
    return last;
  }

  say(data: string): void {
    this.onmessage?.({ data });
  }

  drop(): void {
    this.readyState = 3;
    this.onclose?.();
  }

  send(text: string): void {
    this.sent.push(JSON.parse(text));
  }

  close(): void {
    this.readyState = 3;
  }
}

export function useScriptedSockets(): void {
  ScriptedSocket.all = [];
  vi.stubGlobal("WebSocket", ScriptedSocket);
}

/** Hides or shows the page, as a user does who turns to another tab. */
export function turnPage(hidden: boolean): void {
  vi.spyOn(document, "hidden", "get").mockReturnValue(hidden);
  document.dispatchEvent(new Event("visibilitychange"));
}
