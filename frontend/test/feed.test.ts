// The feed with a fake clock: connection attempts, silence, hidden pages, shared sockets, user actions.
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Feed, retryDelayMs, sharedFeed, type FeedTransport } from "../src/feed";
import { displayState } from "../src/feed-state";
import { eventMessage, powerMessage, SERIAL, statusMessage } from "./samples";
import { ScriptedSocket, setPageHidden, useScriptedSockets } from "./scripted-socket";

let signedPaths: string[] = [];
let unsubscribes: (() => void)[] = [];
const transport: FeedTransport = {
  sign(path) {
    signedPaths.push(path);
    return Promise.resolve(`${path}&authSig=x`);
  },
  socketUrl: (path) => `ws://home.example${path}`,
};

beforeEach(() => {
  vi.useFakeTimers();
  useScriptedSockets();
  vi.spyOn(Math, "random").mockReturnValue(0);
  signedPaths = [];
});

afterEach(() => {
  for (const leave of unsubscribes) leave();
  unsubscribes = [];
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function subscribe(feed: Feed): () => void {
  const leave = feed.subscribe(() => undefined);
  unsubscribes.push(leave);
  return leave;
}

async function createLiveFeed(): Promise<{ feed: Feed; unsubscribe: () => void }> {
  const feed = new Feed(SERIAL, transport);
  const unsubscribe = subscribe(feed);
  await vi.advanceTimersByTimeAsync(0);
  ScriptedSocket.last.receive(statusMessage(true));
  ScriptedSocket.last.receive(powerMessage(2));
  return { feed, unsubscribe };
}

const socketCount = (): number => ScriptedSocket.all.length;
const sentMessages = (): readonly unknown[] => ScriptedSocket.last.sent;

describe("retry delay", () => {
  test("doubles from 3 s to 30 s", () => {
    expect([1, 2, 3, 4, 5, 50].map((failures) => retryDelayMs(failures, 0))).toEqual([
      3000, 6000, 12_000, 24_000, 30_000, 30_000,
    ]);
  });

  test("is shortened by up to a quarter at random", () => {
    expect(retryDelayMs(1, 1)).toBe(2250);
    expect(retryDelayMs(9, 0.5)).toBe(26_250);
  });
});

describe("the socket", () => {
  test("opens with a path that was signed including its query", async () => {
    const { feed } = await createLiveFeed();
    expect(signedPaths).toEqual([`/ws/power-data?serial=${SERIAL}`]);
    expect(ScriptedSocket.last.url).toBe(`ws://home.example/ws/power-data?serial=${SERIAL}&authSig=x`);
    expect(displayState(feed.state)).toBe("live");
  });

  test("is shared by all subscribers and closes after the last one", async () => {
    const { feed, unsubscribe } = await createLiveFeed();
    const other = subscribe(feed);
    await vi.advanceTimersByTimeAsync(1000);
    expect(socketCount()).toBe(1);
    unsubscribe();
    unsubscribe();
    expect(ScriptedSocket.last.readyState).toBe(ScriptedSocket.OPEN);
    other();
    await vi.advanceTimersByTimeAsync(1000);
    expect(ScriptedSocket.last.readyState).not.toBe(ScriptedSocket.OPEN);
    await vi.advanceTimersByTimeAsync(120_000);
    expect(socketCount()).toBe(1);
  });

  test("stays open while its only card is moved", async () => {
    const { feed, unsubscribe } = await createLiveFeed();
    unsubscribe();
    await vi.advanceTimersByTimeAsync(999);
    subscribe(feed);
    await vi.advanceTimersByTimeAsync(5000);
    expect(ScriptedSocket.last.readyState).toBe(ScriptedSocket.OPEN);
    expect(socketCount()).toBe(1);
    expect(displayState(feed.state)).toBe("live");
  });

  test("is one per inverter and page", () => {
    expect(sharedFeed("A", transport)).toBe(sharedFeed("A", transport));
    expect(sharedFeed("A", transport)).not.toBe(sharedFeed("B", transport));
  });

  test("reconnects after 3 s, then 6 s, and resumes at the last message", async () => {
    const { feed } = await createLiveFeed();
    ScriptedSocket.last.disconnect();
    expect(displayState(feed.state)).toBe("feed_lost");
    await vi.advanceTimersByTimeAsync(2999);
    expect(socketCount()).toBe(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(signedPaths.at(-1)).toBe(`/ws/power-data?serial=${SERIAL}&since=2`);
    ScriptedSocket.last.disconnect();
    await vi.advanceTimersByTimeAsync(5999);
    expect(socketCount()).toBe(2);
    await vi.advanceTimersByTimeAsync(1);
    expect(socketCount()).toBe(3);
    ScriptedSocket.last.receive(statusMessage(true));
    expect(displayState(feed.state)).toBe("live");
    expect(feed.failures).toBe(0);
  });

  test("is retried when the path could not be signed", async () => {
    const sign = vi.spyOn(transport, "sign").mockRejectedValueOnce(new Error("rejected"));
    const feed = new Feed(SERIAL, transport);
    subscribe(feed);
    await vi.advanceTimersByTimeAsync(0);
    expect(displayState(feed.state)).toBe("feed_lost");
    await vi.advanceTimersByTimeAsync(3000);
    expect(sign).toHaveBeenCalledTimes(2);
    expect(socketCount()).toBe(1);
  });

  test("without a message is lost after 10 s and later messages are ignored", async () => {
    const feed = new Feed(SERIAL, transport);
    subscribe(feed);
    await vi.advanceTimersByTimeAsync(0);
    const silent = ScriptedSocket.last;
    await vi.advanceTimersByTimeAsync(10_000);
    expect(displayState(feed.state)).toBe("feed_lost");
    silent.receive(statusMessage(true));
    expect(displayState(feed.state)).toBe("feed_lost");
  });

  test("is pinged after a silence and lost without an answer", async () => {
    const { feed } = await createLiveFeed();
    await vi.advanceTimersByTimeAsync(20_000);
    expect(sentMessages()).toEqual([{ type: "ping" }]);
    ScriptedSocket.last.receive('{"type":"pong"}');
    await vi.advanceTimersByTimeAsync(20_000);
    expect(displayState(feed.state)).toBe("live");
    await vi.advanceTimersByTimeAsync(5000);
    expect(displayState(feed.state)).toBe("feed_lost");
  });
});

describe("the page", () => {
  test("reconnects a lost feed at once when it is shown", async () => {
    await createLiveFeed();
    ScriptedSocket.last.disconnect();
    setPageHidden(false);
    await vi.advanceTimersByTimeAsync(0);
    expect(socketCount()).toBe(2);
  });

  test("restarts the retry delays with retryNow", async () => {
    const { feed } = await createLiveFeed();
    ScriptedSocket.last.disconnect();
    for (const wait of [3000, 6000, 12_000]) {
      await vi.advanceTimersByTimeAsync(wait);
      ScriptedSocket.last.disconnect();
    }
    expect(socketCount()).toBe(4);
    feed.retryNow();
    await vi.advanceTimersByTimeAsync(0);
    ScriptedSocket.last.disconnect();
    await vi.advanceTimersByTimeAsync(3000);
    expect(socketCount()).toBe(6);
  });

  test("reconnects a lost feed at once when the network returns", async () => {
    await createLiveFeed();
    ScriptedSocket.last.disconnect();
    window.dispatchEvent(new Event("online"));
    await vi.advanceTimersByTimeAsync(0);
    expect(socketCount()).toBe(2);
  });

  test("pings an open socket when it is shown again", async () => {
    const { feed } = await createLiveFeed();
    setPageHidden(false);
    expect(sentMessages()).toEqual([{ type: "ping" }]);
    await vi.advanceTimersByTimeAsync(5000);
    expect(displayState(feed.state)).toBe("feed_lost");
  });

  test("closes the socket after a minute in the background and reopens it", async () => {
    const { feed } = await createLiveFeed();
    setPageHidden(true);
    await vi.advanceTimersByTimeAsync(19_000);
    ScriptedSocket.last.receive(powerMessage(3));
    await vi.advanceTimersByTimeAsync(19_000);
    ScriptedSocket.last.receive(powerMessage(4));
    await vi.advanceTimersByTimeAsync(19_000);
    ScriptedSocket.last.receive(powerMessage(5));
    expect(ScriptedSocket.last.readyState).toBe(ScriptedSocket.OPEN);
    await vi.advanceTimersByTimeAsync(3000);
    expect(ScriptedSocket.last.readyState).not.toBe(ScriptedSocket.OPEN);
    await vi.advanceTimersByTimeAsync(600_000);
    expect(socketCount()).toBe(1);
    setPageHidden(false);
    await vi.advanceTimersByTimeAsync(0);
    expect(signedPaths.at(-1)).toContain("since=5");
    ScriptedSocket.last.receive(statusMessage(true));
    expect(displayState(feed.state)).toBe("live");
  });

  test("keeps the socket during a short time in the background", async () => {
    await createLiveFeed();
    setPageHidden(true);
    await vi.advanceTimersByTimeAsync(15_000);
    ScriptedSocket.last.receive(powerMessage(3));
    setPageHidden(false);
    ScriptedSocket.last.receive(powerMessage(4));
    await vi.advanceTimersByTimeAsync(15_000);
    expect(socketCount()).toBe(1);
    expect(ScriptedSocket.last.readyState).toBe(ScriptedSocket.OPEN);
  });

  test("opened in the background connects when it is shown", async () => {
    setPageHidden(true);
    subscribe(new Feed(SERIAL, transport));
    await vi.advanceTimersByTimeAsync(60_000);
    expect(socketCount()).toBe(0);
    setPageHidden(false);
    await vi.advanceTimersByTimeAsync(0);
    expect(socketCount()).toBe(1);
  });
});

describe("the user", () => {
  test("pauses the values and gets new ones on resume", async () => {
    const { feed } = await createLiveFeed();
    feed.pause();
    ScriptedSocket.last.receive(powerMessage(3, 1));
    expect(feed.state.power?.pv).toBe(6240);
    expect(displayState(feed.state)).toBe("paused");
    feed.resume();
    expect(sentMessages()).toEqual([{ type: "request_power_data" }]);
    ScriptedSocket.last.receive(powerMessage(4, 2));
    expect(feed.state.power?.pv).toBe(2);
  });

  test("sends a refresh to the server while the inverter is disconnected", async () => {
    const { feed } = await createLiveFeed();
    ScriptedSocket.last.receive(eventMessage("modbus_disconnected", "timeout"));
    feed.refresh();
    expect(sentMessages()).toEqual([{ type: "refresh" }]);
  });

  test("opens one socket for two refreshes while the feed is lost", async () => {
    const { feed } = await createLiveFeed();
    ScriptedSocket.last.disconnect();
    feed.refresh();
    feed.refresh();
    await vi.advanceTimersByTimeAsync(0);
    expect(socketCount()).toBe(2);
  });
});
