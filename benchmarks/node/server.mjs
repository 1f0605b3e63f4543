// What the feed is compared with: a Node.js `ws` server, told what to do as benchmarks/obedience.py tells.
import { createInterface } from "node:readline";
import { WebSocketServer } from "ws";

const server = new WebSocketServer({ host: "127.0.0.1", port: 0, perMessageDeflate: false });
const say = (answer) => process.stdout.write(JSON.stringify(answer) + "\n");

const ways = {
  each: (message) => {
    for (const client of server.clients) client.send(JSON.stringify(message));
  },
  once: (message) => {
    const text = JSON.stringify(message);
    for (const client of server.clients) client.send(text);
  },
};

server.on("listening", () => say({ port: server.address().port }));
createInterface({ input: process.stdin })
  .on("line", (line) => {
    const [, text, way] = JSON.parse(line);
    const message = JSON.parse(text);
    const at = process.hrtime.bigint();
    ways[way](message);
    say({ at: Number(at) });
  })
  .on("close", () => process.exit());
