// Resident memory for many idle proxied connections: what each one adds, and what the whole
// process then has. Every connection has carried one exchange, so it is proxied on both sides.
import { withFresh } from "./fresh.ts";
import type { Bench, Contender, Row, Sample } from "./row.ts";

function measure(bench: Bench, contender: Contender): Promise<Sample> {
  const count = bench.options.idleConnections;
  return withFresh(bench, contender, async ({ port, connections, memory }) => {
    const before = await memory();
    const held = await connections.hold(port, count);
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

export const tcpIdleMemory: Row = {
  id: "tcp-idle-memory",
  title: "Memory of idle TCP connections",
  figures: [
    { id: "each", title: "each", unit: "KiB/connection", digits: 2, compared: true },
    { id: "total", title: "whole process", unit: "MiB", digits: 1, compared: true },
  ],
  needsWrk: false,
  roundsMax: 3,
  async warmUp() {
    // Every measurement has a fresh process, which it warms up itself.
  },
  measure,
};
