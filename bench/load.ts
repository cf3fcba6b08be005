// HTTP load on a proxy from a program on the load core. The rows that measure CPU call it; what the program
// counts as an error becomes a problem, and a measurement with a problem is worth nothing.
import { startAb } from "./ab.ts";
import type { Child } from "./children.ts";
import type { Session } from "./session.ts";
import type { Fronts } from "./targets/target.ts";
import { startWrk } from "./wrk.ts";

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
  /** Every request asks for something else, in its query. */
  readonly varied: boolean;
  /** Milliseconds between an answer and the next request of its connection, on average. */
  readonly pauseMs: number;
  /** Who makes it. ab knows of all this only the front, the path, `closes` and the connections. */
  readonly generator: "wrk" | "ab";
}

/** What came of it. */
export interface LoadResult {
  readonly requests: number;
  readonly seconds: number;
  readonly bytes: number;
  readonly p50Microseconds: number;
  readonly p99Microseconds: number;
  /** Why the measurement is invalid; empty when it is not. */
  readonly problems: readonly string[];
}

/** A load that has been started. */
export interface RunningLoad {
  readonly child: Child;
  /** What it came to, once it has ended. Throws when the program itself failed. */
  readonly result: () => Promise<LoadResult>;
}

/** The address that a load asks for. */
export function urlOf(ports: Fronts, { front, path }: Load): string {
  return `${front === "tls" ? "https" : "http"}://127.0.0.1:${ports[front]}${path}`;
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
export function startLoad(
  session: Session,
  ports: Fronts,
  load: Load,
  seconds: number,
): Promise<RunningLoad> {
  const start = load.generator === "wrk" ? startWrk : startAb;
  return start(session, urlOf(ports, load), load, seconds);
}
