// Many clients of the listing benchmark in a process of their own: `crowd.js PORT COUNT ADDRESS..`
// opens COUNT sessions in all from these addresses, each of which has had a byte echoed, says
// `open COUNT`, and keeps them open.
import { createConnection } from "node:net";

const [port = "", count = "", ...addresses] = process.argv.slice(2);
/** Connects under way at once: as many as fit into any backlog. */
const atOnce = 100;

/** Settles when the session is through to its server. */
function open(localAddress: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = createConnection({ host: "127.0.0.1", port: Number(port), localAddress });
    socket.once("error", reject);
    socket.once("close", () => {
      console.error(`a session from ${localAddress} has ended before its time`);
      process.exit(1);
    });
    socket.once("data", () => resolve());
    socket.write("?");
  });
}

for (let opened = 0; opened < Number(count);) {
  const batch = Math.min(atOnce, Number(count) - opened);
  const from = (i: number): string => addresses[(opened + i) % addresses.length] as string;
  await Promise.all(Array.from({ length: batch }, (_, i) => open(from(i))));
  opened += batch;
}
console.log(`open ${count}`);
// Whoever started it has gone.
process.stdin.resume().once("end", () => process.exit(0));
