// A server in a process of its own, so that a test can kill it. Its words: what it does, and its
// port (0: any). It prints its port when it listens. With `echoes NAME` it says its name and gives
// back what it gets; with `deaf` it listens with the shortest backlog and then hangs for ever.
import { createServer } from "node:net";
import process from "node:process";

const [behaviour, port, name] = process.argv.slice(2);

const server = createServer({ noDelay: true }, (socket) => {
  socket.on("error", () => socket.destroy());
  socket.write(`${name}\n`);
  socket.pipe(socket);
});

server.listen(
  { host: "127.0.0.1", port: Number(port), backlog: behaviour === "deaf" ? 1 : 511 },
  () => {
    process.stdout.write(`${server.address().port}\n`, () => {
      if (behaviour === "deaf") Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    });
  },
);
