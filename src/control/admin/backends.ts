// GET /api/v1/backends: every backend, whether it can be used, and what the scoreboard has counted.
import { backendField } from "../../scoreboard/fields.ts";
import type { BackendStatus } from "../backend-status.ts";
import type { AdminServices } from "./admin-context.ts";
import { readParameters, wordOf } from "./parameters.ts";
import { responsesOf, type ResponsesView } from "./responses.ts";
import type { AdminRequest, Resource } from "./router.ts";

/** One backend; what stands in a server's view is the sum over its servers here. */
export interface BackendView {
  /** Its name. */
  readonly name: string;
  /** `up`, `down` (no usable server) or `recovering` (usable, within recoveryDelay). */
  readonly state: string;
  /** Servers that sessions may be given to now, of `servers`. */
  readonly usable: number;
  readonly servers: number;
  /** The balancing policy, what it hashes (null: nothing), and its bound (0: none). */
  readonly balance: {
    readonly policy: string;
    readonly key: string | null;
    readonly boundedLoad: number;
  };
  /** Backends that take its sessions while it is not up. */
  readonly failover: readonly string[];
  /** Open now, and all since the start. */
  readonly sessions: { readonly now: number; readonly total: number };
  /** Of those open: with a place on a server. This is what maxconn limits. */
  readonly placed: number;
  /** Of those open: waiting for any of its servers. */
  readonly queued: number;
  /** Sessions with a place, and waiting for one, at most; 0: no limit. */
  readonly maxconn: number;
  readonly maxqueue: number;
  /** Bytes from clients that were handed to its servers, and the other way. */
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** Sessions that had to wait; mean time of that; null: none had to. */
  readonly waits: number;
  readonly queueMsMean: number | null;
  /** Sessions that waited too long, and that found the queue full. */
  readonly queueTimeouts: number;
  readonly queueFull: number;
  /** Sessions that could not be connected, and connects that ran into the timeout. */
  readonly connectFailures: number;
  readonly connectTimeouts: number;
  /** Connects tried once more with the same server, and sessions given to another one instead. */
  readonly retries: number;
  readonly redispatches: number;
  /** Sessions that found no usable server. */
  readonly noServer: number;
  /** Sessions that came from a backend that names this one in its failover. */
  readonly failovers: number;
  /** Sessions that its sticky table led to their server. */
  readonly stickHits: number;
  /** In http mode: requests sent once more because of what became of the first time (`retry`). */
  readonly httpRetries: number;
  /** Responses of its servers. */
  readonly responses: ResponsesView;
  /** Sessions that the client, or a server, broke off. */
  readonly clientAborts: number;
  readonly serverAborts: number;
  /** Sessions ended because the client, or a server, was silent too long. */
  readonly clientTimeouts: number;
  readonly serverTimeouts: number;
  /** Sessions ended because their server was found down (`onMarkedDown: shutdownSessions`). */
  readonly shutdowns: number;
}

const stateWords = ["up", "down", "recovering"] as const;

function stateOf({ available, usable }: BackendStatus): (typeof stateWords)[number] {
  if (available) return "up";
  return usable > 0 ? "recovering" : "down";
}

function describeBackend(status: BackendStatus, { context }: AdminServices): BackendView {
  const { backends } = context.board;
  const { row, plan } = status;
  const waits = backends.sum(row, backendField.waits);
  const { policy, key, boundedLoad } = plan.balance;
  return {
    name: plan.name,
    state: stateOf(status),
    usable: status.usable,
    servers: status.members.length,
    balance: { policy, key, boundedLoad },
    failover: plan.failover,
    sessions: {
      now: backends.gauge(row, backendField.active),
      total: backends.sum(row, backendField.sessions),
    },
    placed: backends.gauge(row, backendField.placed),
    queued: backends.gauge(row, backendField.queued),
    maxconn: plan.maxconn,
    maxqueue: plan.maxqueue,
    bytesIn: backends.sum(row, backendField.bytesIn),
    bytesOut: backends.sum(row, backendField.bytesOut),
    waits,
    queueMsMean: waits === 0 ? null : Math.round(backends.sum(row, backendField.queueMs) / waits),
    queueTimeouts: backends.sum(row, backendField.queueTimeouts),
    queueFull: backends.sum(row, backendField.queueFull),
    connectFailures: backends.sum(row, backendField.connectFailures),
    connectTimeouts: backends.sum(row, backendField.connectTimeouts),
    retries: backends.sum(row, backendField.retries),
    redispatches: backends.sum(row, backendField.redispatches),
    noServer: backends.sum(row, backendField.noServer),
    failovers: backends.sum(row, backendField.failovers),
    stickHits: backends.sum(row, backendField.stickHits),
    httpRetries: backends.sum(row, backendField.httpRetries),
    responses: responsesOf((field) => backends.sum(row, backendField[field])),
    clientAborts: backends.sum(row, backendField.clientAborts),
    serverAborts: backends.sum(row, backendField.serverAborts),
    clientTimeouts: backends.sum(row, backendField.clientTimeouts),
    serverTimeouts: backends.sum(row, backendField.serverTimeouts),
    shutdowns: backends.sum(row, backendField.shutdowns),
  };
}

function listBackends(request: AdminRequest, services: AdminServices): unknown {
  const parameters = readParameters(request.query, ["state"]);
  const state = wordOf(parameters, "state", stateWords);
  const backends = [...services.context.states.backends.values()].filter(
    (status) => state === "" || stateOf(status) === state,
  );
  return { backends: backends.map((status) => describeBackend(status, services)) };
}

export const backends: Resource = {
  path: "/api/v1/backends",
  about: "all backends; ?state=",
  methods: { GET: listBackends },
};
