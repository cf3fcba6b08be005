// The rows that count CPU per request through a TCP proxy: small messages, 64 KiB and 1 MiB
// bodies, and a new connection for every request. They differ in the load and nothing else.
import { setTimeout as delay } from "node:timers/promises";
import { type Load, runLoad } from "../load.ts";
import { type Body, bodies } from "../origin.ts";
import { cpuBetween, lostThreads, readCpu } from "../processes.ts";
import type { Bench, Contender, Row, Sample } from "./row.ts";

// After the load ends, its connections are still being closed: that work belongs to it, and it
// must be over before the next proxy is measured.
const settleMs = 100;

async function measure(bench: Bench, { running }: Contender, load: Load): Promise<Sample> {
  running.process.assertRunning();
  const before = readCpu(running.process.pid);
  const result = await runLoad(bench.session, running.port, load, bench.options.seconds);
  await delay(settleMs);
  running.process.assertRunning();
  const after = readCpu(running.process.pid);
  const cpu = cpuBetween(before, after);
  const lost = lostThreads(before, after).length;
  return {
    figures: { cpu: cpu / result.requests },
    details: {
      cpuMicroseconds: cpu,
      requests: result.requests,
      seconds: result.seconds,
      bytes: result.bytes,
      requestsPerSecond: result.requests / result.seconds,
      coreBusyPercent: cpu / result.seconds / 1e4,
      p50Microseconds: result.p50Microseconds,
      p99Microseconds: result.p99Microseconds,
    },
    problems: [
      ...result.problems,
      ...(lost === 0 ? [] : [`${lost} threads ended, and their CPU time is not counted`]),
    ],
  };
}

function requestRow(id: string, title: string, digits: number, load: Load): Row {
  return {
    id,
    title,
    figures: [{ id: "cpu", title: "CPU", unit: "µs/request", digits, compared: true }],
    needsWrk: true,
    roundsMax: Number.POSITIVE_INFINITY,
    async warmUp({ session, options }, { running }) {
      if (options.warmupSeconds === 0) return;
      await runLoad(session, running.port, load, options.warmupSeconds);
    },
    measure: (bench, contender) => measure(bench, contender, load),
  };
}

function of64(body: Body, closes: boolean): Load {
  return { path: body.path, bodyBytes: body.bytes, connections: 64, closes };
}

export const tcpRequestRows: readonly Row[] = [
  requestRow("tcp-small", "TCP, 12-byte bodies, 64 connections", 2, of64(bodies.small, false)),
  requestRow("tcp-64k", "TCP, 64 KiB bodies, 64 connections", 1, of64(bodies.kib64, false)),
  requestRow("tcp-1m", "TCP, 1 MiB bodies, 64 connections", 0, of64(bodies.mib1, false)),
  requestRow("tcp-connect", "TCP, a connection per request", 1, of64(bodies.small, true)),
];
