// Resident memory for many idle connections: what each one adds, and what the whole process then has.
// Every connection has carried one exchange: in TCP mode it is proxied on both sides, in HTTP mode it
// waits for the next request.
import type { Fronts } from "../targets/target.ts";
import { withFresh } from "./fresh.ts";
import { type Bench, type Contender, oneByOne, type Row, type Sample } from "./row.ts";

function measure(bench: Bench, contender: Contender, front: keyof Fronts): Promise<Sample> {
  const count = bench.options.idleConnections;
  return withFresh(bench, contender, front, async ({ port, connections, memory }) => {
    const before = await memory();
    const held = await connections.hold(port, count, front === "tls");
    const open = await memory();
    const released = await connections.release();
    const after = await memory();
    return {
      figures: {
        each: (open.resident - before.resident) / count / 1024,
        total: open.resident / 1024 / 1024,
      },
      details: {
        connections: count,
        residentBeforeBytes: before.resident,
        residentOpenBytes: open.resident,
        residentClosedBytes: after.resident,
        rssBeforeBytes: before.rss,
        rssOpenBytes: open.rss,
        pssBeforeBytes: before.pss,
        pssOpenBytes: open.pss,
      },
      problems: [...held, ...released],
    };
  });
}

function memoryRow(id: string, title: string, front: keyof Fronts): Row {
  return {
    id,
    title,
    figures: [
      { id: "each", title: "each", unit: "KiB/connection", digits: 2, compared: true },
      { id: "total", title: "whole process", unit: "MiB", digits: 1, compared: true },
    ],
    generator: null,
    roundsMax: 3,
    async warmUp() {
      // Every measurement has a fresh process, which it warms up itself.
    },
    measure: oneByOne((bench, contender) => measure(bench, contender, front)),
  };
}

export const tcpIdleMemory: Row = memoryRow(
  "tcp-idle-memory",
  "Memory of idle TCP connections",
  "tcp",
);
export const tlsIdleMemory: Row = memoryRow(
  "tls-idle-memory",
  "Memory of idle TLS connections",
  "tls",
);
export const httpIdleMemory: Row = memoryRow(
  "http-idle-memory",
  "Memory of idle HTTP connections",
  "http",
);
