// A WebSocket whose messages and end are scripted by the test, for tests with a fake clock.
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
    if (last === undefined) throw new Error("No socket was opened.");
    return last;
  }

  receive(data: string): void {
    this.onmessage?.({ data });
  }

  disconnect(): void {
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

/** Hides or shows the page, as a change of the browser tab does. */
export function setPageHidden(hidden: boolean): void {
  vi.spyOn(document, "hidden", "get").mockReturnValue(hidden);
  document.dispatchEvent(new Event("visibilitychange"));
}
