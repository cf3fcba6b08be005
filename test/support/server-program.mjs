// A server in a process of its own, so that a test can kill it. Its words: what it does, and its
// port (0: any). It prints its port when it listens. With `echoes NAME` it says its name and gives
// back what it gets; with `serves NAME` it answers each HTTP request with its name; with `deaf` it
// listens with the shortest backlog and then hangs for ever.
import { createServer as createHttpServer } from "node:http";
import { createServer } from "node:net";
import process from "node:process";

const [behaviour, port, name] = process.argv.slice(2);

function echo(socket) {
  socket.on("error", () => socket.destroy());
  socket.write(`${name}\n`);
  socket.pipe(socket);
}

function answer(request, response) {
  request.resume();
  response.end(name);
}

const server =
  behaviour === "serves"
    ? createHttpServer({ keepAliveTimeout: 600_000 }, answer)
    : createServer({ noDelay: true }, echo);

server.listen(
  { host: "127.0.0.1", port: Number(port), backlog: behaviour === "deaf" ? 1 : 511 },
  () => {
    process.stdout.write(`${server.address().port}\n`, () => {
      if (behaviour === "deaf") Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    });
  },
);
