// Is what the card shows live? What each message and each change of the socket means; pure.
import type { Message, Power, Trouble } from "./wire";

export type State = "connecting" | "live" | "paused" | "disconnected" | "feed_lost";

/** The socket to Home Assistant: not wanted, on its way, open, or lost (and being tried again). */
export type Link = "idle" | "connecting" | "open" | "lost";

/** Everything a card knows about one inverter at one moment. */
export interface Picture {
  readonly link: Link;
  readonly paused: boolean;
  /** Whether the inverter answers Home Assistant; null until the feed has said so. */
  readonly connected: boolean | null;
  readonly trouble: Trouble;
  readonly power: Power | null;
  /** When the shown values were measured, in milliseconds of the server's clock. */
  readonly measuredAt: number | null;
  /** This clock minus the server's, learned from the message that took least time to arrive. */
  readonly skew: number | null;
  readonly seq: number | null;
}

export type Happening =
  | { readonly type: "link"; readonly link: Link }
  | { readonly type: "pause" }
  | { readonly type: "resume" }
  | { readonly type: "message"; readonly message: Message; readonly receivedAt: number };

const NO_TROUBLE: Trouble = { kind: null, message: null };

export const NOTHING_YET: Picture = {
  link: "idle",
  paused: false,
  connected: null,
  trouble: NO_TROUBLE,
  power: null,
  measuredAt: null,
  skew: null,
  seq: null,
};

export function reduce(picture: Picture, happening: Happening): Picture {
  switch (happening.type) {
    case "link":
      return withLink(picture, happening.link);
    case "pause":
      return { ...picture, paused: true };
    case "resume":
      return { ...picture, paused: false };
    case "message":
      return withMessage(picture, happening.message, happening.receivedAt);
  }
}

export function stateOf(picture: Picture): State {
  if (picture.link === "lost") return "feed_lost";
  if (picture.connected === false) return "disconnected";
  if (picture.connected === null || picture.link !== "open") return "connecting";
  if (picture.paused) return "paused";
  return picture.power === null ? "connecting" : "live";
}

/** When the shown values were measured, on this page's own clock: what an age is counted from. */
export function measuredHere(picture: Picture): number | null {
  return picture.measuredAt === null ? null : picture.measuredAt + (picture.skew ?? 0);
}

function withLink(picture: Picture, link: Link): Picture {
  // A lost feed stays lost in the eyes of the user until it speaks again; trying is no news.
  if (link === "connecting" && picture.link === "lost") return picture;
  // Another socket may lead to a server whose clock was set meanwhile: learn the difference anew.
  return { ...picture, link, skew: link === "open" ? null : picture.skew };
}

function withMessage(before: Picture, message: Message, receivedAt: number): Picture {
  const difference = receivedAt - message.timestamp;
  const skew = before.skew === null ? difference : Math.min(before.skew, difference);
  const picture = { ...before, skew, seq: message.seq ?? before.seq };
  switch (message.type) {
    case "power":
      if (picture.paused && picture.power !== null) return picture;
      return { ...picture, power: message.power, measuredAt: message.timestamp };
    case "connected":
      return { ...picture, connected: true, trouble: NO_TROUBLE };
    case "disconnected":
      return { ...picture, connected: false, trouble: message.trouble };
    case "status":
      return {
        ...picture,
        connected: message.connected,
        trouble: message.connected ? NO_TROUBLE : message.trouble,
      };
  }
}
