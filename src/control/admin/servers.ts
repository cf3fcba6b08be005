// GET /api/v1/servers and /api/v1/servers/BACKEND/SERVER: every server, what is known of its state,
// and what the scoreboard has counted for it.
import { formatAddress } from "../../config/address.ts";
import { serverField } from "../../scoreboard/fields.ts";
import { weightUnit } from "../../scoreboard/layout.ts";
import { serverStateNames } from "../../scoreboard/server-state.ts";
import { serverKey } from "../../scoreboard/rows.ts";
import type { ServerStatus } from "../server-status.ts";
import type { AdminServices } from "./admin-context.ts";
import { ApiError, noSuch } from "./api-error.ts";
import { readParameters, wordOf } from "./parameters.ts";
import { responsesOf, type ResponsesView } from "./responses.ts";
import type { AdminRequest, Resource } from "./router.ts";
import { changeServer } from "./server-change.ts";
import type { TransitionView } from "./transition-history.ts";

/** One server of a backend. "In" is from clients to it, "out" from it to clients. */
export interface ServerView {
  /** Its backend, and its name there. */
  readonly backend: string;
  readonly name: string;
  /** As the configuration writes it. */
  readonly address: string;
  /** In force: the same, or what its name resolves to; null while it does not. */
  readonly resolved: string | null;
  /** `up`, `down`, `drain`, `maint` or `ejected`. Only `up` gets new sessions. */
  readonly state: string;
  /** Why it is in this state; empty since the start. */
  readonly reason: string;
  /** When it came into this state: ISO 8601, UTC. */
  readonly since: string;
  /** What an operator wants of it: `ready`, `drain` or `maint`. */
  readonly admin: string;
  /** Active checks look at it. */
  readonly checked: boolean;
  /** What they say of it; true without checks. */
  readonly healthy: boolean;
  /** What the last check found; empty before the first. */
  readonly checkResult: string;
  /** Checks made, and those that failed. */
  readonly checks: number;
  readonly checkFailures: number;
  /** Outlier detection has taken it out for a time. */
  readonly ejected: boolean;
  /** Its last changes of state, the newest first. */
  readonly transitions: readonly TransitionView[];
  /** Times that it went down, and that it was ejected. */
  readonly downs: number;
  readonly ejections: number;
  /** Used only while no other server of its backend is usable. */
  readonly backup: boolean;
  /** 0 to 256: the configuration's, or what an operator has set since. */
  readonly weight: number;
  /** The same with its slow start so far: what shares are computed from. */
  readonly weightInForce: number;
  /** On it now (also those that still connect), and established since the start. */
  readonly sessions: { readonly now: number; readonly total: number };
  /** Sessions that wait for it alone. */
  readonly queued: number;
  /** Sessions on it, and waiting for it, at most; 0: no limit. */
  readonly maxconn: number;
  readonly maxqueue: number;
  /** Bytes from clients that were handed to it, and from it that were handed to clients. */
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** Connects begun, repeated ones included. */
  readonly connects: number;
  /** Refused or reset, and not answered within the connect timeout. */
  readonly connectFailures: number;
  readonly connectTimeouts: number;
  /** Connects tried once more with it, and sessions given to another server instead. */
  readonly retries: number;
  readonly redispatches: number;
  /** In http mode: requests that went over a connection which had carried others. */
  readonly reuses: number;
  /** Of these, sent again over a fresh connection because that one was dead. */
  readonly replays: number;
  /** Its responses. */
  readonly responses: ResponsesView;
  /** Sessions that the client, or the server, broke off. */
  readonly clientAborts: number;
  readonly serverAborts: number;
  /** Sessions ended because the client, or the server, was silent too long. */
  readonly clientTimeouts: number;
  readonly serverTimeouts: number;
  /** Sessions ended because it was found down (`onMarkedDown: shutdownSessions`). */
  readonly shutdowns: number;
  /** Failures in a row since its last success. */
  readonly errorsInRow: number;
  /** Mean time of the connects that succeeded, all since the start; null: there was none. */
  readonly connectMsMean: number | null;
  /** Peak-EWMA estimate of its response time, which `leasttime` goes by; null: not known. */
  readonly latencyMs: number | null;
}

export function describeServer(status: ServerStatus, services: AdminServices): ServerView {
  const { context, transitions } = services;
  const { servers } = context.board;
  const { row, plan, address } = status;
  const sessions = servers.sum(row, serverField.sessions);
  const latencyUs = servers.load(row, serverField.latencyUs);
  return {
    backend: status.backend,
    name: status.name,
    address: formatAddress(plan.address),
    resolved: address === null ? null : formatAddress(address),
    state: serverStateNames[status.state] ?? "",
    reason: status.reason,
    since: new Date(status.sinceMs).toISOString(),
    admin: status.admin,
    checked: plan.check !== null,
    healthy: status.healthy,
    checkResult: status.checkResult,
    checks: status.checks,
    checkFailures: status.checkFailures,
    ejected: status.ejected,
    transitions: transitions.of(status),
    downs: status.downs,
    ejections: status.ejections,
    backup: plan.backup,
    weight: status.weight,
    weightInForce: servers.load(row, serverField.weight) / weightUnit,
    sessions: { now: servers.gauge(row, serverField.active), total: sessions },
    queued: servers.gauge(row, serverField.queued),
    maxconn: plan.maxconn,
    maxqueue: plan.maxqueue,
    bytesIn: servers.sum(row, serverField.bytesIn),
    bytesOut: servers.sum(row, serverField.bytesOut),
    connects: servers.sum(row, serverField.connects),
    connectFailures: servers.sum(row, serverField.connectFailures),
    connectTimeouts: servers.sum(row, serverField.connectTimeouts),
    retries: servers.sum(row, serverField.retries),
    redispatches: servers.sum(row, serverField.redispatches),
    reuses: servers.sum(row, serverField.reuses),
    replays: servers.sum(row, serverField.replays),
    responses: responsesOf((field) => servers.sum(row, serverField[field])),
    clientAborts: servers.sum(row, serverField.clientAborts),
    serverAborts: servers.sum(row, serverField.serverAborts),
    clientTimeouts: servers.sum(row, serverField.clientTimeouts),
    serverTimeouts: servers.sum(row, serverField.serverTimeouts),
    shutdowns: servers.sum(row, serverField.shutdowns),
    errorsInRow: servers.load(row, serverField.errors),
    connectMsMean:
      sessions === 0 ? null : round(servers.sum(row, serverField.connectMs) / sessions),
    latencyMs: latencyUs === 0 ? null : round(latencyUs / 1000),
  };
}

/** To a thousandth. */
function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}

/** A 404 that says which backends, or which servers of that backend, there are. */
export function serverOf(request: AdminRequest, { context }: AdminServices): ServerStatus {
  const { backend = "", server = "" } = request.names;
  const { states } = context;
  const status = states.server(serverKey(backend, server));
  if (status !== undefined) return status;
  const of = states.backends.get(backend);
  if (of === undefined) throw noSuch("backend", backend, states.backends.keys());
  const names = of.members.map(({ name }) => name);
  throw noSuch(`server of backend ${backend}`, server, names);
}

function listServers(request: AdminRequest, services: AdminServices): unknown {
  const parameters = readParameters(request.query, ["backend", "state"]);
  const { states } = services.context;
  const state = wordOf(parameters, "state", serverStateNames);
  const backend = parameters.get("backend") ?? "";
  if (backend !== "" && !states.backends.has(backend)) {
    const { message } = noSuch("backend", backend, states.backends.keys());
    throw new ApiError(400, `the parameter backend: ${message}`);
  }
  const servers = [...states.servers.values()].filter(
    (status) =>
      (backend === "" || status.backend === backend) &&
      (state === "" || serverStateNames[status.state] === state),
  );
  return { servers: servers.map((status) => describeServer(status, services)) };
}

export const servers: Resource = {
  path: "/api/v1/servers",
  about: "all servers; ?backend=, ?state=",
  methods: { GET: listServers },
};

export const server: Resource = {
  path: "/api/v1/servers/:backend/:server",
  about: 'one server; PATCH {"state": "ready|drain|maint", "weight": 0 to 256}',
  methods: {
    GET: (request, services) => {
      readParameters(request.query, []);
      return describeServer(serverOf(request, services), services);
    },
    PATCH: (request, services) => {
      readParameters(request.query, []);
      const status = serverOf(request, services);
      changeServer(status, request.body, services.context.states);
      return describeServer(status, services);
    },
  },
};
