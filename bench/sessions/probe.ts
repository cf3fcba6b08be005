// The sessions whose echo the listing benchmark times, in a process of their own so that nothing but
// Ballast and the machine delays them: `probe.js PORT COUNT`. Each sends a byte every few milliseconds,
// in turns. Whatever is written to stdin ends a phase: it is answered with a line of its times.
import { createConnection, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";

const [port = "", count = ""] = process.argv.slice(2);
const pauseMs = 2;

/** Times of one phase in microseconds. */
export interface Times {
  readonly count: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

let timesUs: number[] = [];

function summary(): Times {
  const sorted = Float64Array.from(timesUs).toSorted();
  timesUs = [];
  const at = (part: number): number =>
    Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0);
  return { count: sorted.length, p50: at(0.5), p99: at(0.99), max: at(1) };
}

async function connect(): Promise<Socket> {
  const socket = createConnection({ host: "127.0.0.1", port: Number(port), noDelay: true });
  await new Promise((resolve, reject) => {
    socket.once("connect", resolve);
    socket.once("error", reject);
  });
  return socket;
}

async function probe(socket: Socket): Promise<void> {
  const beganUs = performance.now() * 1000;
  socket.write("?");
  await new Promise((resolve) => socket.once("data", resolve));
  timesUs.push(performance.now() * 1000 - beganUs);
}

const sockets: Socket[] = [];
for (let i = 0; i < Number(count); i++) {
  const socket = await connect();
  sockets.push(socket);
  await probe(socket);
}
console.log(JSON.stringify(summary()));
process.stdin.on("data", () => console.log(JSON.stringify(summary())));
process.stdin.once("end", () => process.exit(0));
for (let i = 0; ; i = (i + 1) % sockets.length) {
  await probe(sockets[i] as Socket);
  await delay(pauseMs);
}
