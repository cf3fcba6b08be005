// The load that wrk makes: one thread, keep-alive or a connection per request; over TLS it resumes the
// session of the connection before. load.ts starts it.
import { join } from "node:path";
import { z } from "zod";
import type { Child } from "./children.ts";
import type { Load, LoadResult, RunningLoad } from "./load.ts";
import { type Session, projectRoot } from "./session.ts";

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

/** Starts it for `seconds`. */
export async function startWrk(
  session: Session,
  url: string,
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
    url,
    "--",
    ...Object.entries(load.headers).map(([name, value]) => `${name}=${value}`),
    ...(load.uploadBytes > 0 ? [`post=${load.uploadBytes}`] : []),
    ...(load.varied ? ["varied=true"] : []),
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
