// HTTP load from wrk: one thread on the load core. The rows that measure CPU call it; what wrk
// counts as an error becomes a problem, and a measurement with a problem is worth nothing.
import { join } from "node:path";
import { z } from "zod";
import type { Child } from "./children.ts";
import { type Session, projectRoot } from "./session.ts";
import type { Fronts } from "./targets/target.ts";

/** One kind of load. */
export interface Load {
  /** Which port of the proxy. */
  readonly front: keyof Fronts;
  readonly path: string;
  /** Length of every body that must come back. */
  readonly bodyBytes: number;
  readonly connections: number;
  /** Ask the server to close after each response. */
  readonly closes: boolean;
  /** Bytes of the body of each request; 0: they are GET. */
  readonly uploadBytes: number;
  /** Fields of each request besides Host. */
  readonly headers: Readonly<Record<string, string>>;
  /** Milliseconds between an answer and the next request of its connection, on average. */
  readonly pauseMs: number;
}

/** What wrk reports. */
export interface LoadResult {
  readonly requests: number;
  readonly seconds: number;
  readonly bytes: number;
  readonly p50Microseconds: number;
  readonly p99Microseconds: number;
  /** Why the measurement is invalid; empty when it is not. */
  readonly problems: readonly string[];
}

/** What load.lua prints. */
const summarySchema = z.object({
  requests: z.number(),
  bytes: z.number(),
  microseconds: z.number(),
  errors: z.object({
    connect: z.number(),
    read: z.number(),
    write: z.number(),
    status: z.number(),
    timeout: z.number(),
  }),
  p50Microseconds: z.number(),
  p99Microseconds: z.number(),
});
type Summary = z.infer<typeof summarySchema>;

function problemsIn(summary: Summary, load: Load): string[] {
  const problems: string[] = [];
  for (const [kind, count] of Object.entries(summary.errors)) {
    if (count > 0) problems.push(`${count} ${kind} errors`);
  }
  if (summary.requests === 0) problems.push("no request was answered");
  // wrk checks no body. Its byte count includes heads, so less than the bodies means they are short.
  if (summary.bytes < summary.requests * load.bodyBytes) {
    problems.push(`${summary.bytes} bytes cannot be ${summary.requests} whole responses`);
  }
  return problems;
}

/** A load that has been started. */
export interface RunningLoad {
  readonly child: Child;
  /** What wrk counted, once it has ended. Throws when wrk itself failed. */
  readonly result: () => Promise<LoadResult>;
}

/** Loads a proxy for `seconds`, and waits for the end. */
export async function runLoad(
  session: Session,
  ports: Fronts,
  load: Load,
  seconds: number,
): Promise<LoadResult> {
  const { result } = await startLoad(session, ports, load, seconds);
  return result();
}

/** Begins to load a proxy for `seconds`, those included in which it stands still. */
export async function startLoad(
  session: Session,
  ports: Fronts,
  load: Load,
  seconds: number,
): Promise<RunningLoad> {
  const wrk = session.programs.wrk;
  if (wrk === null) throw new Error("load needs wrk");
  const child = await session.start("load", "wrk", [
    wrk.path,
    "--threads",
    "1",
    "--connections",
    String(load.connections),
    "--duration",
    `${seconds}s`,
    "--timeout",
    "10s",
    "--script",
    join(projectRoot, "bench/load.lua"),
    ...(load.closes ? ["--header", "Connection: close"] : []),
    `http://127.0.0.1:${ports[load.front]}${load.path}`,
    "--",
    ...Object.entries(load.headers).map(([name, value]) => `${name}=${value}`),
    ...(load.uploadBytes > 0 ? [`post=${load.uploadBytes}`] : []),
    ...(load.pauseMs > 0 ? [`pause=${load.pauseMs}`] : []),
  ]);
  return { child, result: () => resultOf(child, load) };
}

async function resultOf(child: Child, load: Load): Promise<LoadResult> {
  const status = await child.exited;
  const line = /^wrk-summary (.+)$/m.exec(child.output)?.[1];
  if (status !== 0 || line === undefined) {
    throw new Error(`wrk ended with status ${status}. It said:\n${child.output.trim()}`);
  }
  const summary = summarySchema.parse(JSON.parse(line));
  return {
    requests: summary.requests,
    seconds: summary.microseconds / 1e6,
    bytes: summary.bytes,
    p50Microseconds: summary.p50Microseconds,
    p99Microseconds: summary.p99Microseconds,
    problems: problemsIn(summary, load),
  };
}
