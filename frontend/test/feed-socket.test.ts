// The feed over a real WebSocket: through a server's death and back.
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test, vi } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { Feed } from "../src/feed";
import { stateOf, type State } from "../src/state";
import { powerMessage, SERIAL, statusMessage } from "./samples";

let server: WebSocketServer;
let leave: () => void;

afterEach(() => {
  leave();
  for (const client of server.clients) client.terminate();
  server.close();
  vi.unstubAllGlobals();
});

async function serve(port: number): Promise<number> {
  server = new WebSocketServer({ port, host: "127.0.0.1" });
  server.on("connection", (socket, request) => {
    asked.push(request.url ?? "");
    socket.send(statusMessage(true));
    socket.send(powerMessage(41));
  });
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

const asked: string[] = [];

test("a feed whose server dies is lost, keeps its values, and resumes when the server is back", async () => {
  vi.stubGlobal("WebSocket", WebSocket);
  const port = await serve(0);
  const feed = new Feed(SERIAL, {
    sign: (path) => Promise.resolve(`${path}&authSig=x`),
    socketUrl: (path) => `ws://127.0.0.1:${port}${path}`,
  });
  const reach = (state: State): Promise<void> =>
    vi.waitFor(() => expect(stateOf(feed.picture)).toBe(state), 5000);
  leave = feed.follow(() => undefined);
  await reach("live");

  for (const client of server.clients) client.terminate();
  server.close();
  await reach("feed_lost");
  expect(feed.picture.power?.pv).toBe(6240);

  await serve(port);
  feed.wake();
  await reach("live");
  expect(asked).toEqual([
    `/ws/power-data?serial=${SERIAL}&authSig=x`,
    `/ws/power-data?serial=${SERIAL}&since=41&authSig=x`,
  ]);
});
