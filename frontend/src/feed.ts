// The live feed of one inverter: one socket for the whole page, shared by every card that looks at it.
import { delayAfter } from "./backoff";
import { NOTHING_YET, reduce, type Happening, type Picture } from "./state";
import { parse } from "./wire";

/** The way to Home Assistant: signs a path with the user's login, and knows where the server is. */
export interface Gate {
  sign(path: string): Promise<string>;
  socketUrl(path: string): string;
}

/** A signed path, an opened socket and a first message take this long at most. */
const ATTEMPT = 10_000;
/** The server speaks every 10 s while the inverter is there and every 30 s otherwise; a ping bridges the gap. */
const SILENCE = 20_000;
const PONG = 5_000;
const HIDDEN = 60_000;
/** A card that is moved, or a dashboard that turns to another view, leaves and is back at once. */
const LINGER = 1_000;

type Timer = ReturnType<typeof setTimeout> | undefined;

export class Feed {
  picture: Picture = NOTHING_YET;
  /** Failed attempts since the feed last spoke, and messages since the page was opened: for `show_debug`. */
  failures = 0;
  messages = 0;

  readonly #listeners = new Set<() => void>();
  #socket: WebSocket | null = null;
  #underway = false;
  /** Grows with each attempt, so that an answer to an earlier one is recognised and dropped. */
  #attempt = 0;
  #deadline: Timer;
  #retry: Timer;
  #hidden: Timer;
  #leaving: Timer;

  constructor(
    readonly serial: string,
    private readonly gate: Gate,
  ) {}

  /** Calls `listener` after each change of the picture. The first follower opens the socket, the last one closes it. */
  follow(listener: () => void): () => void {
    this.#listeners.add(listener);
    clearTimeout(this.#leaving);
    if (this.#listeners.size === 1) this.#start();
    return () => {
      if (!this.#listeners.delete(listener) || this.#listeners.size > 0) return;
      this.#leaving = setTimeout(() => this.#stop(), LINGER);
    };
  }

  pause(): void {
    this.#happen({ type: "pause" });
  }

  resume(): void {
    this.#happen({ type: "resume" });
    this.#send({ type: "request_power_data" });
  }

  /** Asks the server for a fresh snapshot now; where the socket is down, tries that at once. */
  refresh(): void {
    if (this.picture.link === "open") this.#send({ type: "refresh" });
    else this.wake();
  }

  /** There is reason to believe that an attempt would succeed now, and if not now, then soon. */
  wake(): void {
    this.failures = 0;
    this.#try();
  }

  #try(): void {
    if (this.#listeners.size === 0 || this.#underway || this.picture.link === "open") return;
    void this.#connect();
  }

  #start(): void {
    document.addEventListener("visibilitychange", this.#onVisibility);
    window.addEventListener("online", this.#onOnline);
    if (!document.hidden) this.wake();
  }

  #stop(): void {
    document.removeEventListener("visibilitychange", this.#onVisibility);
    window.removeEventListener("online", this.#onOnline);
    clearTimeout(this.#hidden);
    this.#sleep();
  }

  readonly #onVisibility = (): void => {
    clearTimeout(this.#hidden);
    if (document.hidden) this.#hidden = setTimeout(() => this.#sleep(), HIDDEN);
    else this.#onOnline();
  };

  readonly #onOnline = (): void => {
    // After a sleep the socket may look open and be dead; it has a few seconds to prove itself.
    if (this.picture.link === "open") this.#probe();
    else this.wake();
  };

  async #connect(): Promise<void> {
    this.#drop();
    const attempt = this.#attempt;
    this.#underway = true;
    this.#deadline = setTimeout(() => this.#lose(), ATTEMPT);
    this.#happen({ type: "link", link: "connecting" });
    try {
      const path = await this.gate.sign(this.#path());
      if (attempt === this.#attempt) this.#open(new WebSocket(this.gate.socketUrl(path)));
    } catch {
      if (attempt === this.#attempt) this.#lose();
    }
  }

  #path(): string {
    const query = new URLSearchParams({ serial: this.serial });
    if (this.picture.seq !== null) query.set("since", String(this.picture.seq));
    return `/ws/power-data?${query.toString()}`;
  }

  #open(socket: WebSocket): void {
    this.#socket = socket;
    socket.onmessage = (event: MessageEvent<unknown>) => this.#receive(event.data);
    socket.onclose = () => this.#lose();
  }

  #receive(data: unknown): void {
    this.#listen();
    this.messages += 1;
    const message = parse(data);
    if (message === null) return;
    if (this.picture.link !== "open") {
      this.#underway = false;
      this.failures = 0;
      this.#happen({ type: "link", link: "open" });
    }
    this.#happen({ type: "message", message, receivedAt: Date.now() });
  }

  /** Any message proves that the peer is there; the next one is due before long. */
  #listen(): void {
    clearTimeout(this.#deadline);
    this.#deadline = setTimeout(() => this.#probe(), SILENCE);
  }

  #probe(): void {
    this.#send({ type: "ping" });
    clearTimeout(this.#deadline);
    this.#deadline = setTimeout(() => this.#lose(), PONG);
  }

  #send(message: Readonly<Record<string, string>>): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  #lose(): void {
    this.#drop();
    this.failures += 1;
    this.#retry = setTimeout(() => this.#try(), delayAfter(this.failures, Math.random()));
    this.#happen({ type: "link", link: "lost" });
  }

  #sleep(): void {
    this.#drop();
    this.#happen({ type: "link", link: "idle" });
  }

  #drop(): void {
    this.#attempt += 1;
    this.#underway = false;
    clearTimeout(this.#deadline);
    clearTimeout(this.#retry);
    if (this.#socket === null) return;
    this.#socket.onmessage = null;
    this.#socket.onclose = null;
    this.#socket.close();
    this.#socket = null;
  }

  #happen(happening: Happening): void {
    this.picture = reduce(this.picture, happening);
    for (const listener of this.#listeners) listener();
  }
}

const FEEDS = new Map<string, Feed>();

/** The one feed of an inverter on this page. */
export function feedOf(serial: string, gate: Gate): Feed {
  const feed = FEEDS.get(serial) ?? new Feed(serial, gate);
  FEEDS.set(serial, feed);
  return feed;
}
