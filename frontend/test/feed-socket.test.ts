// The feed over a real WebSocket, while its server stops and starts again.
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test, vi } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { Feed } from "../src/feed";
import { displayState, type DisplayState } from "../src/feed-state";
import { powerMessage, SERIAL, statusMessage } from "./samples";

let server: WebSocketServer;
let unsubscribe: () => void;

afterEach(() => {
  unsubscribe();
  for (const client of server.clients) client.terminate();
  server.close();
  vi.unstubAllGlobals();
});

async function startServer(port: number): Promise<number> {
  server = new WebSocketServer({ port, host: "127.0.0.1" });
  server.on("connection", (socket, request) => {
    requestedUrls.push(request.url ?? "");
    socket.send(statusMessage(true));
    socket.send(powerMessage(41));
  });
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

const requestedUrls: string[] = [];

test("a feed keeps its values while its server is stopped and resumes afterwards", async () => {
  vi.stubGlobal("WebSocket", WebSocket);
  const port = await startServer(0);
  const feed = new Feed(SERIAL, {
    sign: (path) => Promise.resolve(`${path}&authSig=x`),
    socketUrl: (path) => `ws://127.0.0.1:${port}${path}`,
  });
  const waitForState = (state: DisplayState): Promise<void> =>
    vi.waitFor(() => expect(displayState(feed.state)).toBe(state), 5000);
  unsubscribe = feed.subscribe(() => undefined);
  await waitForState("live");

  for (const client of server.clients) client.terminate();
  server.close();
  await waitForState("feed_lost");
  expect(feed.state.power?.pv).toBe(6240);

  await startServer(port);
  feed.retryNow();
  await waitForState("live");
  expect(requestedUrls).toEqual([
    `/ws/power-data?serial=${SERIAL}&authSig=x`,
    `/ws/power-data?serial=${SERIAL}&since=41&authSig=x`,
  ]);
});
