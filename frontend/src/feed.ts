// The live feed of one inverter: one WebSocket per page, shared by all cards that show this inverter.
import { INITIAL_STATE, reduce, type FeedEvent, type FeedState } from "./feed-state";
import { parseMessage } from "./messages";

/** Access to Home Assistant: signs a path with the user's login and gives the address of the server. */
export interface FeedTransport {
  sign(path: string): Promise<string>;
  socketUrl(path: string): string;
}

/** Limit for one attempt: sign the path, open the socket, receive the first message. */
const CONNECT_TIMEOUT_MS = 10_000;
/** The server sends at least every 10 s while the inverter is connected and every 30 s otherwise. After this silence we ping. */
const SILENCE_TIMEOUT_MS = 20_000;
const PONG_TIMEOUT_MS = 5_000;
/** A page that was hidden for this long closes its socket. */
const HIDDEN_TIMEOUT_MS = 60_000;
/** A card that is moved, or a dashboard that changes its view, unsubscribes and subscribes again within this time. */
const STOP_DELAY_MS = 1_000;
const FIRST_RETRY_MS = 3_000;
const MAX_RETRY_MS = 30_000;
/** After a restart of Home Assistant every page reconnects. Random delays spread these attempts over a quarter of the delay. */
const RETRY_JITTER = 0.25;

type Timer = ReturnType<typeof setTimeout> | undefined;

export class Feed {
  state: FeedState = INITIAL_STATE;
  /** Failed attempts since the last message, and messages since the page was opened. Shown by `show_debug`. */
  failures = 0;
  messages = 0;

  readonly #transport: FeedTransport;
  readonly #listeners = new Set<() => void>();
  #socket: WebSocket | null = null;
  #connecting = false;
  /** Number of the current attempt. A result of an earlier attempt is ignored. */
  #attempt = 0;
  #deadlineTimer: Timer;
  #retryTimer: Timer;
  #hiddenTimer: Timer;
  #stopTimer: Timer;

  constructor(
    readonly serial: string,
    transport: FeedTransport,
  ) {
    this.#transport = transport;
  }

  /** Calls `listener` after each change of `state`. The first subscriber opens the socket, the last one closes it. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    clearTimeout(this.#stopTimer);
    if (this.#listeners.size === 1) this.#start();
    return () => {
      if (!this.#listeners.delete(listener) || this.#listeners.size > 0) return;
      this.#stopTimer = setTimeout(() => this.#stop(), STOP_DELAY_MS);
    };
  }

  pause(): void {
    this.#apply({ type: "pause" });
  }

  resume(): void {
    this.#apply({ type: "resume" });
    this.#send({ type: "request_power_data" });
  }

  /** Requests a new snapshot. If the socket is not open, connects without waiting for the retry timer. */
  refresh(): void {
    if (this.state.socket === "open") this.#send({ type: "refresh" });
    else this.retryNow();
  }

  /** Connects at once and restarts the retry delays at their minimum: an attempt is likely to succeed now. */
  retryNow(): void {
    this.failures = 0;
    this.#connectIfNeeded();
  }

  #connectIfNeeded(): void {
    if (this.#listeners.size === 0 || this.#connecting || this.state.socket === "open") return;
    void this.#connect();
  }

  #start(): void {
    document.addEventListener("visibilitychange", this.#onVisibility);
    window.addEventListener("online", this.#onOnline);
    if (!document.hidden) this.retryNow();
  }

  #stop(): void {
    document.removeEventListener("visibilitychange", this.#onVisibility);
    window.removeEventListener("online", this.#onOnline);
    clearTimeout(this.#hiddenTimer);
    this.#goIdle();
  }

  readonly #onVisibility = (): void => {
    clearTimeout(this.#hiddenTimer);
    if (document.hidden) this.#hiddenTimer = setTimeout(() => this.#goIdle(), HIDDEN_TIMEOUT_MS);
    else this.#onOnline();
  };

  readonly #onOnline = (): void => {
    // After the device slept, the socket may look open although the connection is lost. A ping checks it.
    if (this.state.socket === "open") this.#ping();
    else this.retryNow();
  };

  async #connect(): Promise<void> {
    this.#closeSocket();
    const attempt = this.#attempt;
    this.#connecting = true;
    this.#deadlineTimer = setTimeout(() => this.#onSocketLost(), CONNECT_TIMEOUT_MS);
    this.#apply({ type: "socket", socket: "connecting" });
    try {
      const path = await this.#transport.sign(this.#path());
      if (attempt === this.#attempt) this.#attachSocket(new WebSocket(this.#transport.socketUrl(path)));
    } catch {
      if (attempt === this.#attempt) this.#onSocketLost();
    }
  }

  #path(): string {
    const query = new URLSearchParams({ serial: this.serial });
    if (this.state.seq !== null) query.set("since", String(this.state.seq));
    return `/ws/power-data?${query.toString()}`;
  }

  #attachSocket(socket: WebSocket): void {
    this.#socket = socket;
    socket.onmessage = (event: MessageEvent<unknown>) => this.#onMessage(event.data);
    socket.onclose = () => this.#onSocketLost();
  }

  #onMessage(data: unknown): void {
    this.#restartSilenceTimer();
    this.messages += 1;
    const message = parseMessage(data);
    if (message === null) return;
    if (this.state.socket !== "open") {
      this.#connecting = false;
      this.failures = 0;
      this.#apply({ type: "socket", socket: "open" });
    }
    this.#apply({ type: "message", message, receivedAt: Date.now() });
  }

  /** Any message shows that the connection works. The next one must arrive before the timeout. */
  #restartSilenceTimer(): void {
    clearTimeout(this.#deadlineTimer);
    this.#deadlineTimer = setTimeout(() => this.#ping(), SILENCE_TIMEOUT_MS);
  }

  #ping(): void {
    this.#send({ type: "ping" });
    clearTimeout(this.#deadlineTimer);
    this.#deadlineTimer = setTimeout(() => this.#onSocketLost(), PONG_TIMEOUT_MS);
  }

  #send(message: Readonly<Record<string, string>>): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  #onSocketLost(): void {
    this.#closeSocket();
    this.failures += 1;
    this.#retryTimer = setTimeout(() => this.#connectIfNeeded(), retryDelayMs(this.failures, Math.random()));
    this.#apply({ type: "socket", socket: "lost" });
  }

  #goIdle(): void {
    this.#closeSocket();
    this.#apply({ type: "socket", socket: "idle" });
  }

  #closeSocket(): void {
    this.#attempt += 1;
    this.#connecting = false;
    clearTimeout(this.#deadlineTimer);
    clearTimeout(this.#retryTimer);
    if (this.#socket === null) return;
    this.#socket.onmessage = null;
    this.#socket.onclose = null;
    this.#socket.close();
    this.#socket = null;
  }

  #apply(event: FeedEvent): void {
    this.state = reduce(this.state, event);
    for (const listener of this.#listeners) listener();
  }
}

/**
 * Milliseconds until the next attempt: 3 s, doubled after each failure up to 30 s, shortened by up to a quarter.
 * `random` is between 0 and 1.
 */
export function retryDelayMs(failures: number, random: number): number {
  const full = Math.min(MAX_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.max(0, failures - 1));
  return full * (1 - RETRY_JITTER * random);
}

const FEEDS_BY_SERIAL = new Map<string, Feed>();

/** Returns the feed of an inverter that all cards on this page share. */
export function sharedFeed(serial: string, transport: FeedTransport): Feed {
  const feed = FEEDS_BY_SERIAL.get(serial) ?? new Feed(serial, transport);
  FEEDS_BY_SERIAL.set(serial, feed);
  return feed;
}
