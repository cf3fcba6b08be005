// The servers of the checks benchmark, in a process of their own so that their cost is not in the
// figure: one listener that answers every request with a short 200. Prints its port.
import { type AddressInfo, createServer } from "node:net";

const answer = Buffer.from("HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nok\n");

const server = createServer((socket) => {
  socket.on("error", () => {});
  socket.once("data", () => socket.end(answer));
});
server.listen({ port: 0, host: "127.0.0.1", backlog: 4096 }, () => {
  console.log((server.address() as AddressInfo).port);
});
// Whoever started it has gone.
process.stdin.resume().once("end", () => process.exit(0));
