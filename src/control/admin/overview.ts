// GET /api/v1: which Ballast answers, how its workers are, and what else can be asked.
import process from "node:process";
import { workerField } from "../../scoreboard/fields.ts";
import { packageVersion } from "../version.ts";
import type { AdminServices } from "./admin-context.ts";
import { readParameters } from "./parameters.ts";
import type { AdminRequest, Resource } from "./router.ts";

/** The answer. */
export interface OverviewView {
  /** `ballast`, its version, and its process. */
  readonly name: "ballast";
  readonly version: string;
  readonly pid: number;
  /** Its clock: ISO 8601, UTC. */
  readonly time: string;
  /** Since the process began. */
  readonly uptimeMs: number;
  /** `epoll` or `node`. */
  readonly reactor: string;
  /** Where the plan in force came from, and its number, which grows with every plan. */
  readonly plan: { readonly source: string; readonly version: number };
  /** Open now over all workers, and accepted since the start. */
  readonly sessions: { readonly now: number; readonly total: number };
  /** Its worker threads. */
  readonly workers: readonly WorkerView[];
  /** Path to what is there. */
  readonly links: Readonly<Record<string, string>>;
}

/** One worker thread. */
export interface WorkerView {
  /** Its number, from 0. */
  readonly worker: number;
  /** `running`, `starting` or `ended` (and about to be replaced). */
  readonly state: string;
  /** Open on it now, and accepted since the start. */
  readonly sessions: { readonly now: number; readonly total: number };
  /** Connections on it that speak TLS now, with clients and with servers. */
  readonly tls: { readonly connections: number };
  /** Turns of its event loop. */
  readonly turns: number;
  /** Exceptions caught: each ended one session and nothing else. */
  readonly errors: number;
}

/** `others`: what it links to. */
export function overview(others: readonly Resource[]): Resource {
  const links = Object.fromEntries(others.map(({ path, about }) => [path, about]));
  return {
    path: "/api/v1",
    about: "this overview",
    methods: { GET: (request, services) => describe(request, services, links) },
  };
}

function describe(
  request: AdminRequest,
  { context }: AdminServices,
  links: Readonly<Record<string, string>>,
): OverviewView {
  readParameters(request.query, []);
  const { workers: table } = context.board;
  const workers = context.workers.map(({ worker, waker, ended }): WorkerView => ({
    worker,
    state: ended ? "ended" : waker === null ? "starting" : "running",
    sessions: {
      now: table.share(worker, 0, workerField.active),
      total: table.column(worker, 0, workerField.sessions),
    },
    tls: { connections: table.share(worker, 0, workerField.tlsConnections) },
    turns: table.column(worker, 0, workerField.turns),
    errors: table.column(worker, 0, workerField.errors),
  }));
  return {
    name: "ballast",
    version: packageVersion(),
    pid: process.pid,
    time: new Date().toISOString(),
    uptimeMs: Math.round(process.uptime() * 1000),
    reactor: context.reactor,
    plan: { source: context.plan.source, version: context.version },
    sessions: {
      now: table.gauge(0, workerField.active),
      total: table.sum(0, workerField.sessions),
    },
    workers,
    links,
  };
}
