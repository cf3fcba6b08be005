// GET /api/v1/frontends: every frontend, where it listens, and what the scoreboard has counted.
import { formatAddress } from "../../config/address.ts";
import type { FrontendPlan } from "../../config/plan.ts";
import { frontendField } from "../../scoreboard/fields.ts";
import type { AdminContext, AdminServices } from "./admin-context.ts";
import { readParameters, wordOf } from "./parameters.ts";
import { responsesOf, type ResponsesView } from "./responses.ts";
import type { AdminRequest, Resource } from "./router.ts";

/** One frontend. */
export interface FrontendView {
  /** Its name and mode. */
  readonly name: string;
  readonly mode: string;
  /** Where it listens, port 0 replaced by the real one. */
  readonly binds: readonly string[];
  /** The backend that takes its sessions. */
  readonly backend: string;
  /** `open`, or `full`: some worker does not accept, because a limit is reached. */
  readonly state: string;
  /** Open now, and accepted since the start. */
  readonly sessions: { readonly now: number; readonly total: number };
  /** Sessions open at most; 0: no limit. */
  readonly maxconn: number;
  /** Bytes from its clients that were handed to servers, and the other way. */
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** In http mode: requests so far, and of these what was none and got 400 or the like. */
  readonly requests: number;
  readonly badRequests: number;
  /** Responses to them, our own among them. */
  readonly responses: ResponsesView;
  /** Connections closed for a bad PROXY protocol header. */
  readonly denied: number;
  /** TLS handshakes completed, those of them that went on with a session, and those that failed. */
  readonly handshakes: number;
  readonly resumptions: number;
  /** Of those completed: by version (before TLS 1.2: `profile: old`), and with a client's certificate. */
  readonly tls13: number;
  readonly tls12: number;
  readonly tlsOlder: number;
  readonly clientCertificates: number;
  readonly handshakeFailures: number;
  /** Sessions that the client broke off, and that ended for the server's sake. */
  readonly clientAborts: number;
  readonly serverAborts: number;
  /** Sessions ended because the client, or the server, was silent too long. */
  readonly clientTimeouts: number;
  readonly serverTimeouts: number;
  /** Sessions ended because their server was found down (`onMarkedDown: shutdownSessions`). */
  readonly shutdowns: number;
  /** Times that accepting paused for want of descriptors, and sessions ended for it. */
  readonly exhausted: number;
  readonly resourceErrors: number;
  /** Sessions ended by an error of Ballast itself: always a bug. */
  readonly handlerErrors: number;
  /** Sessions cut by an operator or by the end of the shutdown's patience. */
  readonly killed: number;
}

const stateWords = ["open", "full"] as const;

/** Null while it has no row: it is being added, or has just gone. */
function describeFrontend(
  plan: FrontendPlan,
  binds: readonly string[],
  context: AdminContext,
): FrontendView | null {
  const row = context.rows.rowOfFrontend(plan.name);
  if (row === undefined) return null;
  const { frontends } = context.board;
  return {
    name: plan.name,
    mode: plan.mode,
    binds,
    backend: plan.backend,
    state: frontends.gauge(row, frontendField.waiting) > 0 ? "full" : "open",
    sessions: {
      now: frontends.gauge(row, frontendField.active),
      total: frontends.sum(row, frontendField.sessions),
    },
    maxconn: plan.maxconn,
    bytesIn: frontends.sum(row, frontendField.bytesIn),
    bytesOut: frontends.sum(row, frontendField.bytesOut),
    requests: frontends.sum(row, frontendField.requests),
    badRequests: frontends.sum(row, frontendField.badRequests),
    responses: responsesOf((field) => frontends.sum(row, frontendField[field])),
    denied: frontends.sum(row, frontendField.denied),
    handshakes: frontends.sum(row, frontendField.handshakes),
    resumptions: frontends.sum(row, frontendField.resumptions),
    tls13: frontends.sum(row, frontendField.tls13),
    tls12: frontends.sum(row, frontendField.tls12),
    tlsOlder: frontends.sum(row, frontendField.tlsOlder),
    clientCertificates: frontends.sum(row, frontendField.clientCertificates),
    handshakeFailures: frontends.sum(row, frontendField.handshakeFailures),
    clientAborts: frontends.sum(row, frontendField.clientAborts),
    serverAborts: frontends.sum(row, frontendField.serverAborts),
    clientTimeouts: frontends.sum(row, frontendField.clientTimeouts),
    serverTimeouts: frontends.sum(row, frontendField.serverTimeouts),
    shutdowns: frontends.sum(row, frontendField.shutdowns),
    exhausted: frontends.sum(row, frontendField.exhausted),
    resourceErrors: frontends.sum(row, frontendField.resourceErrors),
    handlerErrors: frontends.sum(row, frontendField.handlerErrors),
    killed: frontends.sum(row, frontendField.killed),
  };
}

/** By frontend. A bind that could not be opened leaves the real addresses one short: then the plan's. */
function bindsOf({ plan, addresses }: AdminContext): string[][] {
  const planned = plan.frontends.map(({ binds }) =>
    binds.map(({ address }) => formatAddress(address)),
  );
  if (addresses.length !== planned.flat().length) return planned;
  let at = 0;
  return planned.map((binds) => addresses.slice(at, (at += binds.length)));
}

function listFrontends(request: AdminRequest, { context }: AdminServices): unknown {
  const parameters = readParameters(request.query, ["state"]);
  const state = wordOf(parameters, "state", stateWords);
  const binds = bindsOf(context);
  const frontends = context.plan.frontends
    .map((plan, i) => describeFrontend(plan, binds[i] ?? [], context))
    .filter((view) => view !== null && (state === "" || view.state === state));
  return { frontends };
}

export const frontends: Resource = {
  path: "/api/v1/frontends",
  about: "all frontends; ?state=",
  methods: { GET: listFrontends },
};
