// The load that ApacheBench makes: a new connection for each request and, over TLS, a full handshake for
// each, because it keeps no session. load.ts starts it.
import type { Child } from "./children.ts";
import type { Load, LoadResult, RunningLoad } from "./load.ts";
import type { Session } from "./session.ts";

/** More than can be answered in a run: the time ends it. */
const requestsMax = 10_000_000;

/** Starts it for `seconds`. */
export async function startAb(
  session: Session,
  url: string,
  load: Load,
  seconds: number,
): Promise<RunningLoad> {
  const ab = session.programs.ab;
  if (ab === null) throw new Error("load needs ab");
  // -q: no progress; -r: go on after an error, which is counted.
  const child = await session.start("load", "ab", [
    ab.path,
    "-q",
    "-r",
    "-c",
    String(load.connections),
    "-t",
    String(seconds),
    "-n",
    String(requestsMax),
    url,
  ]);
  return { child, result: () => resultOf(child, load) };
}

/** The number after a label at the beginning of a line; 0 without: ab leaves out counts of nothing. */
function numberAfter(label: string, output: string): number {
  return Number(new RegExp(`^${label}:?\\s+([\\d.]+)`, "m").exec(output)?.[1] ?? 0);
}

async function resultOf(child: Child, load: Load): Promise<LoadResult> {
  const status = await child.exited;
  const { output } = child;
  const requests = numberAfter("Complete requests", output);
  if (status !== 0 || !output.includes("Complete requests")) {
    throw new Error(`ab ended with status ${status}. It said:\n${output.trim()}`);
  }
  const bytes = numberAfter("Total transferred", output);
  const problems: string[] = [];
  for (const label of ["Failed requests", "Write errors", "Non-2xx responses"]) {
    const count = numberAfter(label, output);
    if (count > 0) problems.push(`${count} times: ${label.toLowerCase()}`);
  }
  if (requests === 0) problems.push("no request was answered");
  if (bytes < requests * load.bodyBytes) {
    problems.push(`${bytes} bytes cannot be ${requests} whole responses`);
  }
  return {
    requests,
    seconds: numberAfter("Time taken for tests", output),
    bytes,
    p50Microseconds: numberAfter("\\s+50%", output) * 1000,
    p99Microseconds: numberAfter("\\s+99%", output) * 1000,
    problems,
  };
}
