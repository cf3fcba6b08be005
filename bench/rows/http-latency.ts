// How long an answer takes at half of what the slowest of the proxies can do: with the core of the
// proxy at half load, queues are short, and what shows is how evenly it works (pauses of a garbage
// collector would stand here).
import { runLoad } from "../load.ts";
import { bodies } from "../origin.ts";
import { measureLoad, of64 } from "./requests.ts";
import { type Bench, oneByOne, type Row } from "./row.ts";

const full = of64("http", bodies.routed);

/** The fewest requests per second that a proxy of this run has answered at full load. */
const slowest = new WeakMap<Bench["session"], number>();

export const httpLatency: Row = {
  id: "http-latency",
  title: "HTTP, 99th percentile at half of saturation",
  figures: [{ id: "p99", title: "p99", unit: "µs", digits: 0, compared: true }],
  generator: "wrk",
  roundsMax: Number.POSITIVE_INFINITY,
  async warmUp({ session, options }, { running }) {
    const seconds = Math.max(1, options.warmupSeconds);
    const result = await runLoad(session, running.ports, full, seconds);
    const rate = result.requests / result.seconds;
    slowest.set(session, Math.min(rate, slowest.get(session) ?? Infinity));
  },
  measure: oneByOne(async (bench, contender) => {
    const rate = (slowest.get(bench.session) as number) / 2;
    // An answer itself takes little of the time between two requests of a connection.
    const load = { ...full, pauseMs: (full.connections / rate) * 1000 };
    const { sample, result } = await measureLoad(bench, contender, load);
    const { p50Microseconds, p99Microseconds } = result;
    return {
      ...sample,
      figures: { p99: p99Microseconds },
      details: { ...sample.details, p50Microseconds, p99Microseconds },
    };
  }),
};
