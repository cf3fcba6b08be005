// The rows that count CPU per request, through a TCP proxy, through an HTTP proxy and through one that
// ends TLS: small messages, large bodies, uploads, long heads, many routes, a new connection or handshake
// for every request. They differ in the load and nothing else.
import { setTimeout as delay } from "node:timers/promises";
import { type Load, type LoadResult, runLoad, type RunningLoad, startLoad } from "../load.ts";
import { type Body, bodies } from "../origin.ts";
import { cpuBetween, type CpuReading, lostThreads, readCpu } from "../processes.ts";
import type { Fronts } from "../targets/target.ts";
import { takeTurns } from "../turns.ts";
import type { Bench, Contender, Row, Sample, Samples } from "./row.ts";

// After the load ends, its connections are still being closed: that work belongs to it, and it
// must be over before the CPU time is read.
const settleMs = 100;

/** What a proxy spent on a load. */
function sampleOf(before: CpuReading, after: CpuReading, result: LoadResult): Sample {
  const cpu = cpuBetween(before, after);
  const lost = lostThreads(before, after).length;
  return {
    figures: { cpu: cpu / result.requests },
    details: {
      cpuMicroseconds: cpu,
      userMicroseconds: after.user - before.user,
      kernelMicroseconds: after.kernel - before.kernel,
      requests: result.requests,
      seconds: result.seconds,
      bytes: result.bytes,
      requestsPerSecond: result.requests / result.seconds,
      coreBusyPercent: cpu / result.seconds / 1e4,
    },
    problems: [
      ...result.problems,
      ...(lost === 0 ? [] : [`${lost} threads ended, and their CPU time is not counted`]),
    ],
  };
}

/** Loads one proxy without a pause. */
export async function measureLoad(
  bench: Bench,
  { running }: Contender,
  load: Load,
): Promise<{ readonly sample: Sample; readonly result: LoadResult }> {
  running.process.assertRunning();
  const before = readCpu(running.process.pid);
  const result = await runLoad(bench.session, running.ports, load, bench.options.seconds);
  await delay(settleMs);
  running.process.assertRunning();
  return { sample: sampleOf(before, readCpu(running.process.pid), result), result };
}

/** Loads all proxies at once, in turns so short that what the machine does meets all of them. */
async function measureTogether(
  { session, options }: Bench,
  contenders: readonly Contender[],
  load: Load,
): Promise<Samples> {
  for (const { running } of contenders) running.process.assertRunning();
  const before = contenders.map(({ running }) => readCpu(running.process.pid));
  // Each has its part of this.
  const seconds = options.seconds * contenders.length;
  const loads: RunningLoad[] = [];
  for (const { running } of contenders) {
    const started = await startLoad(session, running.ports, load, seconds);
    started.child.standStill();
    loads.push(started);
  }
  const ranMs = await takeTurns(loads.map(({ child }) => child));
  await delay(settleMs);
  const samples: Record<string, Sample> = {};
  for (const [index, { name, running }] of contenders.entries()) {
    running.process.assertRunning();
    const result = await (loads[index] as RunningLoad).result();
    const own = { ...result, seconds: (ranMs[index] as number) / 1000 };
    samples[name] = sampleOf(before[index] as CpuReading, readCpu(running.process.pid), own);
  }
  return samples;
}

function requestRow(id: string, title: string, digits: number, load: Load): Row {
  return {
    id,
    title,
    figures: [{ id: "cpu", title: "CPU", unit: "µs/request", digits, compared: true }],
    generator: load.generator,
    roundsMax: Number.POSITIVE_INFINITY,
    async warmUp({ session, options }, { running }) {
      if (options.warmupSeconds === 0) return;
      await runLoad(session, running.ports, load, options.warmupSeconds);
    },
    measure: (bench, contenders) => measureTogether(bench, contenders, load),
  };
}

/** Of 64 keep-alive connections. */
export function of64(front: keyof Fronts, body: Body, changes: Partial<Load> = {}): Load {
  return {
    front,
    path: body.path,
    bodyBytes: body.bytes,
    connections: 64,
    closes: false,
    uploadBytes: 0,
    headers: {},
    varied: false,
    pauseMs: 0,
    generator: "wrk",
    ...changes,
  };
}

/** What a browser with some cookies sends: about 2 KB with the request line. */
const browserHeaders = {
  "User-Agent":
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
  Accept: "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8",
  "Accept-Encoding": "gzip, deflate, br, zstd",
  "Accept-Language": "en-GB,en;q=0.9,de;q=0.8",
  "Cache-Control": "no-cache",
  Referer: `https://www.example.com/search?${"q=load+balancer&".repeat(12)}`,
  "Sec-Fetch-Dest": "document",
  "Sec-Fetch-Mode": "navigate",
  "Sec-Fetch-Site": "same-origin",
  "Upgrade-Insecure-Requests": "1",
  Cookie: Array.from({ length: 12 }, (_, i) => `cookie${i}=${"0123456789abcdef".repeat(5)}`).join(
    "; ",
  ),
};

/** One of the last of them. */
const routedHost = { Host: "h190.example.com" };

export const tcpRequestRows: readonly Row[] = [
  requestRow("tcp-small", "TCP, 12-byte bodies, 64 connections", 2, of64("tcp", bodies.small)),
  requestRow("tcp-64k", "TCP, 64 KiB bodies, 64 connections", 1, of64("tcp", bodies.kib64)),
  requestRow("tcp-1m", "TCP, 1 MiB bodies, 64 connections", 0, of64("tcp", bodies.mib1)),
  requestRow(
    "tcp-connect",
    "TCP, a connection per request",
    1,
    of64("tcp", bodies.small, { closes: true }),
  ),
];

export const httpRequestRows: readonly Row[] = [
  requestRow("http-small", "HTTP, 12-byte bodies, 64 connections", 2, of64("http", bodies.routed)),
  // Ballast knows heads that come again, so this is what it costs where none does.
  requestRow(
    "http-varied",
    "HTTP, no head like another",
    2,
    of64("http", bodies.routed, { varied: true }),
  ),
  requestRow(
    "http-connect",
    "HTTP, a connection per request",
    1,
    of64("http", bodies.routed, { closes: true }),
  ),
  requestRow("http-64k", "HTTP, 64 KiB bodies", 1, of64("http", bodies.kib64)),
  requestRow("http-1m", "HTTP, 1 MiB bodies", 0, of64("http", bodies.mib1)),
  requestRow(
    "http-upload",
    "HTTP, uploads of 16 KiB",
    1,
    of64("http", bodies.routed, { uploadBytes: 16 * 1024 }),
  ),
  requestRow(
    "http-routes",
    "HTTP, 200 routes",
    2,
    of64("routes", bodies.routed, { headers: routedHost }),
  ),
  requestRow(
    "http-heads",
    "HTTP, request heads of 2 KB",
    2,
    of64("http", bodies.routed, { headers: browserHeaders }),
  ),
];

export const tlsRequestRows: readonly Row[] = [
  requestRow("tls-small", "TLS, 12-byte bodies, 64 connections", 2, of64("tls", bodies.routed)),
  requestRow("tls-64k", "TLS, 64 KiB bodies", 1, of64("tls", bodies.kib64)),
  requestRow("tls-1m", "TLS, 1 MiB bodies", 0, of64("tls", bodies.mib1)),
  requestRow(
    "tls-connect",
    "TLS, a full handshake per request",
    1,
    of64("tls", bodies.routed, { closes: true, generator: "ab" }),
  ),
  // wrk keeps the session of each of its connections for the next one in that place.
  requestRow(
    "tls-resumed",
    "TLS, a resumed handshake per request",
    1,
    of64("tls", bodies.routed, { closes: true }),
  ),
];
