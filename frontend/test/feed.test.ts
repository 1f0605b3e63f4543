// The feed against the clock: attempts, silence, hidden pages, one socket for all.
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Feed, feedOf, type Gate } from "../src/feed";
import { stateOf } from "../src/state";
import { eventMessage, powerMessage, SERIAL, statusMessage } from "./samples";
import { ScriptedSocket, turnPage, useScriptedSockets } from "./scripted-socket";

let signed: string[] = [];
let leaves: (() => void)[] = [];
const gate: Gate = {
  sign(path) {
    signed.push(path);
    return Promise.resolve(`${path}&authSig=x`);
  },
  socketUrl: (path) => `ws://home.example${path}`,
};

beforeEach(() => {
  vi.useFakeTimers();
  useScriptedSockets();
  vi.spyOn(Math, "random").mockReturnValue(0);
  signed = [];
});

afterEach(() => {
  for (const leave of leaves) leave();
  leaves = [];
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function follow(feed: Feed): () => void {
  const leave = feed.follow(() => undefined);
  leaves.push(leave);
  return leave;
}

async function liveFeed(): Promise<{ feed: Feed; leave: () => void }> {
  const feed = new Feed(SERIAL, gate);
  const leave = follow(feed);
  await vi.advanceTimersByTimeAsync(0);
  ScriptedSocket.last.say(statusMessage(true));
  ScriptedSocket.last.say(powerMessage(2));
  return { feed, leave };
}

const sockets = (): number => ScriptedSocket.all.length;
const sent = (): readonly unknown[] => ScriptedSocket.last.sent;

describe("the socket", () => {
  test("is opened on a path that was signed with its whole query", async () => {
    const { feed } = await liveFeed();
    expect(signed).toEqual([`/ws/power-data?serial=${SERIAL}`]);
    expect(ScriptedSocket.last.url).toBe(`ws://home.example/ws/power-data?serial=${SERIAL}&authSig=x`);
    expect(stateOf(feed.picture)).toBe("live");
  });

  test("is one for all who follow, and closes when the last one goes", async () => {
    const { feed, leave } = await liveFeed();
    const other = follow(feed);
    await vi.advanceTimersByTimeAsync(1000);
    expect(sockets()).toBe(1);
    leave();
    leave();
    expect(ScriptedSocket.last.readyState).toBe(ScriptedSocket.OPEN);
    other();
    await vi.advanceTimersByTimeAsync(1000);
    expect(ScriptedSocket.last.readyState).not.toBe(ScriptedSocket.OPEN);
    await vi.advanceTimersByTimeAsync(120_000);
    expect(sockets()).toBe(1);
  });

  test("stays while its only card is moved to another place", async () => {
    const { feed, leave } = await liveFeed();
    leave();
    await vi.advanceTimersByTimeAsync(999);
    follow(feed);
    await vi.advanceTimersByTimeAsync(5000);
    expect(ScriptedSocket.last.readyState).toBe(ScriptedSocket.OPEN);
    expect(sockets()).toBe(1);
    expect(stateOf(feed.picture)).toBe("live");
  });

  test("belongs to an inverter: one feed for each on a page", () => {
    expect(feedOf("A", gate)).toBe(feedOf("A", gate));
    expect(feedOf("A", gate)).not.toBe(feedOf("B", gate));
  });

  test("that is lost is tried again after 3 s, then 6 s, and resumes where it was", async () => {
    const { feed } = await liveFeed();
    ScriptedSocket.last.drop();
    expect(stateOf(feed.picture)).toBe("feed_lost");
    await vi.advanceTimersByTimeAsync(2999);
    expect(sockets()).toBe(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(signed.at(-1)).toBe(`/ws/power-data?serial=${SERIAL}&since=2`);
    ScriptedSocket.last.drop();
    await vi.advanceTimersByTimeAsync(5999);
    expect(sockets()).toBe(2);
    await vi.advanceTimersByTimeAsync(1);
    expect(sockets()).toBe(3);
    ScriptedSocket.last.say(statusMessage(true));
    expect(stateOf(feed.picture)).toBe("live");
    expect(feed.failures).toBe(0);
  });

  test("is tried again when the path could not be signed", async () => {
    const sign = vi.spyOn(gate, "sign").mockRejectedValueOnce(new Error("not now"));
    const feed = new Feed(SERIAL, gate);
    follow(feed);
    await vi.advanceTimersByTimeAsync(0);
    expect(stateOf(feed.picture)).toBe("feed_lost");
    await vi.advanceTimersByTimeAsync(3000);
    expect(sign).toHaveBeenCalledTimes(2);
    expect(sockets()).toBe(1);
  });

  test("that never says a word is given up after 10 s, and what it says later is not believed", async () => {
    const feed = new Feed(SERIAL, gate);
    follow(feed);
    await vi.advanceTimersByTimeAsync(0);
    const mute = ScriptedSocket.last;
    await vi.advanceTimersByTimeAsync(10_000);
    expect(stateOf(feed.picture)).toBe("feed_lost");
    mute.say(statusMessage(true));
    expect(stateOf(feed.picture)).toBe("feed_lost");
  });

  test("that falls silent is asked, and lost when it does not answer", async () => {
    const { feed } = await liveFeed();
    await vi.advanceTimersByTimeAsync(20_000);
    expect(sent()).toEqual([{ type: "ping" }]);
    ScriptedSocket.last.say('{"type":"pong"}');
    await vi.advanceTimersByTimeAsync(20_000);
    expect(stateOf(feed.picture)).toBe("live");
    await vi.advanceTimersByTimeAsync(5000);
    expect(stateOf(feed.picture)).toBe("feed_lost");
  });
});

describe("the page", () => {
  test("that comes back tries a lost feed at once", async () => {
    await liveFeed();
    ScriptedSocket.last.drop();
    turnPage(false);
    await vi.advanceTimersByTimeAsync(0);
    expect(sockets()).toBe(2);
  });

  test("that knows better begins to count its attempts anew", async () => {
    const { feed } = await liveFeed();
    ScriptedSocket.last.drop();
    for (const wait of [3000, 6000, 12_000]) {
      await vi.advanceTimersByTimeAsync(wait);
      ScriptedSocket.last.drop();
    }
    expect(sockets()).toBe(4);
    feed.wake();
    await vi.advanceTimersByTimeAsync(0);
    ScriptedSocket.last.drop();
    await vi.advanceTimersByTimeAsync(3000);
    expect(sockets()).toBe(6);
  });

  test("whose network returns tries a lost feed at once", async () => {
    await liveFeed();
    ScriptedSocket.last.drop();
    window.dispatchEvent(new Event("online"));
    await vi.advanceTimersByTimeAsync(0);
    expect(sockets()).toBe(2);
  });

  test("that was asleep makes an open socket prove itself", async () => {
    const { feed } = await liveFeed();
    turnPage(false);
    expect(sent()).toEqual([{ type: "ping" }]);
    await vi.advanceTimersByTimeAsync(5000);
    expect(stateOf(feed.picture)).toBe("feed_lost");
  });

  test("that is hidden for a minute lets go of the socket, and opens it again when it is shown", async () => {
    const { feed } = await liveFeed();
    turnPage(true);
    await vi.advanceTimersByTimeAsync(19_000);
    ScriptedSocket.last.say(powerMessage(3));
    await vi.advanceTimersByTimeAsync(19_000);
    ScriptedSocket.last.say(powerMessage(4));
    await vi.advanceTimersByTimeAsync(19_000);
    ScriptedSocket.last.say(powerMessage(5));
    expect(ScriptedSocket.last.readyState).toBe(ScriptedSocket.OPEN);
    await vi.advanceTimersByTimeAsync(3000);
    expect(ScriptedSocket.last.readyState).not.toBe(ScriptedSocket.OPEN);
    await vi.advanceTimersByTimeAsync(600_000);
    expect(sockets()).toBe(1);
    turnPage(false);
    await vi.advanceTimersByTimeAsync(0);
    expect(signed.at(-1)).toContain("since=5");
    ScriptedSocket.last.say(statusMessage(true));
    expect(stateOf(feed.picture)).toBe("live");
  });

  test("that is hidden for a moment keeps the socket", async () => {
    await liveFeed();
    turnPage(true);
    await vi.advanceTimersByTimeAsync(15_000);
    ScriptedSocket.last.say(powerMessage(3));
    turnPage(false);
    ScriptedSocket.last.say(powerMessage(4));
    await vi.advanceTimersByTimeAsync(15_000);
    expect(sockets()).toBe(1);
    expect(ScriptedSocket.last.readyState).toBe(ScriptedSocket.OPEN);
  });

  test("that is opened in the background waits until it is seen", async () => {
    turnPage(true);
    follow(new Feed(SERIAL, gate));
    await vi.advanceTimersByTimeAsync(60_000);
    expect(sockets()).toBe(0);
    turnPage(false);
    await vi.advanceTimersByTimeAsync(0);
    expect(sockets()).toBe(1);
  });
});

describe("the user", () => {
  test("pauses the values, and gets fresh ones on resuming", async () => {
    const { feed } = await liveFeed();
    feed.pause();
    ScriptedSocket.last.say(powerMessage(3, 1));
    expect(feed.picture.power?.pv).toBe(6240);
    expect(stateOf(feed.picture)).toBe("paused");
    feed.resume();
    expect(sent()).toEqual([{ type: "request_power_data" }]);
    ScriptedSocket.last.say(powerMessage(4, 2));
    expect(feed.picture.power?.pv).toBe(2);
  });

  test("who asks again while the inverter is away makes the server try", async () => {
    const { feed } = await liveFeed();
    ScriptedSocket.last.say(eventMessage("modbus_disconnected", "timeout"));
    feed.refresh();
    expect(sent()).toEqual([{ type: "refresh" }]);
  });

  test("who asks again while the feed is lost opens it at once, but only once", async () => {
    const { feed } = await liveFeed();
    ScriptedSocket.last.drop();
    feed.refresh();
    feed.refresh();
    await vi.advanceTimersByTimeAsync(0);
    expect(sockets()).toBe(2);
  });
});
