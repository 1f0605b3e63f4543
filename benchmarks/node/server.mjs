// Baseline for the feed: a Node.js `ws` server, controlled as benchmarks/worker_protocol.py defines.
import { createInterface } from "node:readline";
import { WebSocketServer } from "ws";

const server = new WebSocketServer({ host: "127.0.0.1", port: 0, perMessageDeflate: false });
const sendReply = (reply) => process.stdout.write(JSON.stringify(reply) + "\n");

const senders = {
  each: (message) => {
    for (const client of server.clients) client.send(JSON.stringify(message));
  },
  once: (message) => {
    const text = JSON.stringify(message);
    for (const client of server.clients) client.send(text);
  },
};

server.on("listening", () => sendReply({ port: server.address().port }));
createInterface({ input: process.stdin })
  .on("line", (line) => {
    const [, text, sender] = JSON.parse(line);
    const message = JSON.parse(text);
    const publishedAt = process.hrtime.bigint();
    senders[sender](message);
    sendReply({ at: Number(publishedAt) });
  })
  .on("close", () => process.exit());
