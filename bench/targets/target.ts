// What the benchmark knows of a proxy: how to start it in front of three servers. One file per
// proxy beside this one; the rows cannot tell them apart.
import type { Child } from "../children.ts";
import type { Programs } from "../programs.ts";
import { type Session, descriptorLimit } from "../session.ts";

/** The ports of a proxy, by what it does there. */
export interface Fronts {
  /** Passes connections on. */
  readonly tcp: number;
  /** Passes requests on: a few routes, and the client's address in X-Forwarded-*. */
  readonly http: number;
  /** The same behind 200 routes. */
  readonly routes: number;
  /** What `http` does, for clients that speak TLS. */
  readonly tls: number;
}

/** A proxy that runs. */
export interface RunningTarget {
  readonly process: Child;
  /** Where it listens, on 127.0.0.1. */
  readonly ports: Fronts;
}

export interface Target {
  /** Word for it on the command line and in results. */
  readonly name: string;
  /** Words for it in tables. */
  readonly title: string;
  /** Its version, or a sentence that says why it cannot run here. */
  find(programs: Programs): { readonly version: string } | { readonly missing: string };
  /** Starts one instance that listens on `ports` and balances over `servers` (ports). */
  start(session: Session, ports: Fronts, servers: readonly number[]): Promise<RunningTarget>;
}

/** Names of the virtual hosts behind `routes`. */
export const routedHosts: readonly string[] = Array.from(
  { length: 200 },
  (_, i) => `h${i}.example.com`,
);

/** Paths that are routed to servers below each of those hosts, and below any on `http`. */
export const routedPath = "/app/";

/** Four ports that nobody listens on. */
export async function freeFronts(session: Session): Promise<Fronts> {
  const [tcp, http, routes, tls] = [
    await session.freePort(),
    await session.freePort(),
    await session.freePort(),
    await session.freePort(),
  ];
  return { tcp, http, routes, tls };
}

/** The same timeouts for every proxy; the unit is in the text. */
export const timeouts = {
  connect: "5s",
  client: "50s",
  server: "50s",
  tunnel: "1h",
  clientFin: "30s",
} as const;

/** The connection limit of a proxy: 15,000, or what its descriptors for each connection allow. */
export function maxconn(descriptorsEach = 2): number {
  return Math.min(15_000, Math.floor((descriptorLimit() - 200) / descriptorsEach));
}
