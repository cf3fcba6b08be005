// One of the servers of the listing benchmark: gives back what it gets. Prints its port.
import { type AddressInfo, createServer } from "node:net";

const server = createServer({ noDelay: true }, (socket) => {
  socket.on("error", () => socket.destroy());
  socket.pipe(socket);
});
server.listen({ port: 0, host: "127.0.0.1", backlog: 4096 }, () => {
  console.log((server.address() as AddressInfo).port);
});
// Whoever started it has gone.
process.stdin.resume().once("end", () => process.exit(0));
