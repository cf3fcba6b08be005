// A backend and its servers as a worker uses them: everything a session needs after its frontend
// has chosen it. Built anew for every plan; sessions of an older plan keep the older objects.
import { Selection } from "../../balance/selection.ts";
import type { Random } from "../../balance/random.ts";
import type { SocketAddress } from "../../config/address.ts";
import type { HttpBackendPlan, ReusePlan } from "../../config/http-plan.ts";
import type { BackendPlan, BackendTimeouts, ServerPlan, SessionKey } from "../../config/plan.ts";
import type { WorkerScoreboard } from "../../scoreboard/scoreboard.ts";
import type { ClientContext } from "../../tls/client-context.ts";
import type { BackendAssignment, ServerAssignment, ServerSecrets } from "../assignment.ts";
import { compilePersistence, type Persistence } from "../http/persistence/persistence.ts";
import { RetryRules } from "../http/retry-rules.ts";
import type { TlsPlane } from "../tls/tls-plane.ts";
import { Stickiness } from "./stickiness.ts";

/** A server as a connect attempt needs it. */
export class Server {
  readonly name: string;
  readonly row: number;
  /** Changes when its name resolves to something else; null while it never has. */
  address: SocketAddress | null;
  readonly sendProxy: 0 | 1 | 2;
  /** What a header of version 2 tells of the client's TLS. */
  readonly proxyTlvs: ServerPlan["proxyTlvs"];
  /** How it is spoken to in TLS; null: without. */
  tls: ClientContext | null;
  /** Of its connections in http mode. */
  readonly reuse: ReusePlan;
  /** Its own host and port, as a Host field says them. */
  readonly hostBytes: Uint8Array;
  readonly backup: boolean;
  /** Sessions at once over all workers; 0: no limit. */
  readonly maxconn: number;
  /** Sessions that may wait for it alone; 0: no limit. */
  readonly maxqueue: number;
  /** Its backend's row, where its places are counted too. */
  readonly backendRow: number;
  /** The backend has a maxconn: a place here may be one for a session that another server is for. */
  readonly shared: boolean;

  readonly #plan: ServerPlan;
  /** Of its secrets; empty: it has none. */
  #key: string;

  constructor(
    assignment: ServerAssignment,
    backendRow: number,
    backend: BackendPlan,
    tls: TlsPlane,
  ) {
    this.#plan = assignment.plan;
    this.#key = "";
    this.name = assignment.plan.name;
    this.row = assignment.row;
    this.address = assignment.address;
    this.sendProxy = assignment.plan.sendProxy;
    this.proxyTlvs = assignment.plan.proxyTlvs;
    this.tls = null;
    if (assignment.secrets !== null) this.reequip(tls, assignment.secrets);
    this.reuse = backend.http.reuse;
    this.hostBytes = hostOf(assignment.plan.address);
    this.backup = assignment.plan.backup;
    this.maxconn = assignment.plan.maxconn;
    this.maxqueue = assignment.plan.maxqueue;
    this.backendRow = backendRow;
    this.shared = backend.maxconn > 0;
  }

  /** These may be its new certificates. */
  reequip(plane: TlsPlane, secrets: ServerSecrets): void {
    const { tls, address } = this.#plan;
    if (tls === null || (this.#key !== "" && this.#key !== secrets.key)) return;
    this.#key = secrets.key;
    this.tls = plane.client(tls, address, secrets);
  }
}

export class Backend {
  readonly name: string;
  readonly row: number;
  readonly servers: readonly Server[];
  readonly selection: Selection;
  readonly retries: number;
  readonly redispatch: boolean;
  /** Failures in a row that outlier detection wants to hear of; 0: none. */
  readonly consecutiveErrors: number;
  readonly timeout: BackendTimeouts;
  readonly tcpKeepaliveMs: number;
  readonly http: HttpBackendPlan;
  readonly retryRules: RetryRules;
  /** By cookie; null: without. */
  readonly persistence: Persistence | null;
  /** Sessions at once on its servers over all workers; 0: no limit. */
  readonly maxconn: number;
  /** Sessions that may wait; 0: no limit. */
  readonly maxqueue: number;
  /** It or a server has a maxconn, so sessions may have to wait. */
  readonly limited: boolean;
  readonly key: SessionKey | null;
  /** Null: without a sticky table. */
  readonly stick: Stickiness | null;
  /** Who takes its sessions while it cannot, in order: also those that these name in turn. */
  failover: readonly Backend[];
  /** It or one of these is picked for, or sticks by, the TLS server name. */
  wantsSni: boolean;

  constructor(
    assignment: BackendAssignment,
    board: WorkerScoreboard,
    random: Random,
    tls: TlsPlane,
  ) {
    const { plan, row } = assignment;
    this.name = plan.name;
    this.row = row;
    this.servers = assignment.servers.map((server) => new Server(server, row, plan, tls));
    const { policy, boundedLoad } = plan.balance;
    const { allBackups, panicThreshold } = plan;
    const table = assignment.table === null ? null : new Int32Array(assignment.table);
    const rules = { policy, options: { boundedLoad }, row, allBackups, panicThreshold, table };
    this.selection = new Selection({ ...rules, servers: this.servers }, board, random);
    this.retries = plan.retries;
    this.redispatch = plan.redispatch;
    this.consecutiveErrors = plan.outlier?.consecutiveErrors ?? 0;
    this.timeout = plan.timeout;
    this.tcpKeepaliveMs = plan.tcpKeepaliveMs;
    this.http = plan.http;
    this.retryRules = new RetryRules(plan.http.retry);
    const names = this.servers.map(({ name }) => name);
    this.persistence = compilePersistence(plan.http.cookie, names);
    this.maxconn = plan.maxconn;
    this.maxqueue = plan.maxqueue;
    this.limited = plan.maxconn > 0 || this.servers.some(({ maxconn }) => maxconn > 0);
    this.key = plan.balance.key;
    this.stick = null;
    if (plan.stick !== null && assignment.stick !== null) {
      this.stick = new Stickiness(plan.stick.key, assignment.stick, board.worker, this.servers);
    }
    this.failover = [];
    this.wantsSni = plan.balance.key === "sni" || plan.stick?.key === "sni";
  }
}

/** Without the port that is understood (RFC 9110 section 7.2). */
function hostOf(address: ServerPlan["address"]): Uint8Array {
  if (address.family === "unix") return Buffer.from("localhost", "latin1");
  const host = address.family === "ipv6" ? `[${address.host}]` : address.host;
  return Buffer.from(address.port === 80 ? host : `${host}:${address.port}`, "latin1");
}

/** All backends of a plan by name, each with its failover. */
export function openBackends(
  assignments: readonly BackendAssignment[],
  board: WorkerScoreboard,
  random: Random,
  tls: TlsPlane,
): Map<string, Backend> {
  const plans = new Map(assignments.map(({ plan }) => [plan.name, plan]));
  const backends = new Map(
    assignments.map((each) => [each.plan.name, new Backend(each, board, random, tls)]),
  );
  const collect = (name: string, into: Set<string>): Set<string> => {
    for (const next of plans.get(name)?.failover ?? []) {
      if (into.has(next)) continue;
      into.add(next);
      collect(next, into);
    }
    return into;
  };
  for (const [name, backend] of backends) {
    const order = [...collect(name, new Set([name]))].slice(1);
    backend.failover = order.map((other) => backends.get(other) as Backend);
  }
  for (const backend of backends.values()) {
    backend.wantsSni ||= backend.failover.some(({ wantsSni }) => wantsSni);
  }
  return backends;
}
