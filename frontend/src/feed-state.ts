// The state of a feed, how messages and socket changes update it, and which state a card displays; pure.
import type { LinkError, Message, Power } from "./messages";

export type DisplayState = "connecting" | "live" | "paused" | "disconnected" | "feed_lost";

/** The WebSocket to Home Assistant: not needed, connecting, open, or lost and waiting for the next attempt. */
export type SocketState = "idle" | "connecting" | "open" | "lost";

/** Everything that the feed reported about one inverter. */
export interface FeedState {
  readonly socket: SocketState;
  readonly paused: boolean;
  /** Whether Home Assistant is connected to the inverter; null until the first status message. */
  readonly connected: boolean | null;
  readonly linkError: LinkError;
  readonly power: Power | null;
  /** When the displayed values were measured, in milliseconds of the server's clock. */
  readonly measuredAt: number | null;
  /** This page's clock minus the server's, in milliseconds: the smallest difference seen, from the fastest message. */
  readonly clockOffset: number | null;
  readonly seq: number | null;
}

export type FeedEvent =
  | { readonly type: "socket"; readonly socket: SocketState }
  | { readonly type: "pause" }
  | { readonly type: "resume" }
  | { readonly type: "message"; readonly message: Message; readonly receivedAt: number };

const NO_ERROR: LinkError = { kind: null, message: null };

export const INITIAL_STATE: FeedState = {
  socket: "idle",
  paused: false,
  connected: null,
  linkError: NO_ERROR,
  power: null,
  measuredAt: null,
  clockOffset: null,
  seq: null,
};

export function reduce(state: FeedState, event: FeedEvent): FeedState {
  switch (event.type) {
    case "socket":
      return withSocket(state, event.socket);
    case "pause":
      return { ...state, paused: true };
    case "resume":
      return { ...state, paused: false };
    case "message":
      return withMessage(state, event.message, event.receivedAt);
  }
}

export function displayState(state: FeedState): DisplayState {
  if (state.socket === "lost") return "feed_lost";
  if (state.connected === false) return "disconnected";
  if (state.connected === null || state.socket !== "open") return "connecting";
  if (state.paused) return "paused";
  return state.power === null ? "connecting" : "live";
}

/** When the displayed values were measured, in milliseconds of this page's clock. */
export function localMeasuredAt(state: FeedState): number | null {
  return state.measuredAt === null ? null : state.measuredAt + (state.clockOffset ?? 0);
}

function withSocket(state: FeedState, socket: SocketState): FeedState {
  // A lost feed is displayed as lost until a message arrives, not during each new attempt.
  if (socket === "connecting" && state.socket === "lost") return state;
  // The server's clock may have been set before the new connection: measure the offset again.
  return { ...state, socket, clockOffset: socket === "open" ? null : state.clockOffset };
}

function withMessage(before: FeedState, message: Message, receivedAt: number): FeedState {
  const offset = receivedAt - message.timestamp;
  const clockOffset = before.clockOffset === null ? offset : Math.min(before.clockOffset, offset);
  const state = { ...before, clockOffset, seq: message.seq ?? before.seq };
  switch (message.type) {
    case "power":
      if (state.paused && state.power !== null) return state;
      return { ...state, power: message.power, measuredAt: message.timestamp };
    case "connected":
      return { ...state, connected: true, linkError: NO_ERROR };
    case "disconnected":
      return { ...state, connected: false, linkError: message.linkError };
    case "status":
      return {
        ...state,
        connected: message.connected,
        linkError: message.connected ? NO_ERROR : message.linkError,
      };
  }
}
