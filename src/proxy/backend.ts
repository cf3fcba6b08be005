// A backend and its servers as a worker uses them: everything a session needs after its frontend
// has chosen it. Built anew for every plan; sessions of an older plan keep the older objects.
import { Selection } from "../balance/selection.ts";
import type { Random } from "../balance/random.ts";
import type { SocketAddress } from "../config/address.ts";
import type { BackendTimeouts } from "../config/plan.ts";
import type { WorkerScoreboard } from "../scoreboard/scoreboard.ts";
import type { BackendAssignment, ServerAssignment } from "./assignment.ts";

/** A server as a connect attempt needs it. */
export class Server {
  readonly name: string;
  readonly row: number;
  readonly address: SocketAddress | null;
  readonly sendProxy: 0 | 1 | 2;
  readonly backup: boolean;
  /** Sessions at once over all workers; 0: no limit. */
  readonly maxconn: number;

  constructor(assignment: ServerAssignment) {
    this.name = assignment.plan.name;
    this.row = assignment.row;
    this.address = assignment.address;
    this.sendProxy = assignment.plan.sendProxy;
    this.backup = assignment.plan.backup;
    this.maxconn = assignment.plan.maxconn;
  }
}

export class Backend {
  readonly name: string;
  readonly row: number;
  readonly servers: readonly Server[];
  readonly selection: Selection;
  readonly retries: number;
  readonly redispatch: boolean;
  readonly timeout: BackendTimeouts;
  readonly tcpKeepaliveMs: number;

  constructor(assignment: BackendAssignment, board: WorkerScoreboard, random: Random) {
    const { plan, row } = assignment;
    this.name = plan.name;
    this.row = row;
    this.servers = assignment.servers.map((server) => new Server(server));
    const { policy, boundedLoad } = plan.balance;
    const { allBackups, panicThreshold } = plan;
    const table = assignment.table === null ? null : new Int32Array(assignment.table);
    const rules = { policy, options: { boundedLoad }, row, allBackups, panicThreshold, table };
    this.selection = new Selection({ ...rules, servers: this.servers }, board, random);
    this.retries = plan.retries;
    this.redispatch = plan.redispatch;
    this.timeout = plan.timeout;
    this.tcpKeepaliveMs = plan.tcpKeepaliveMs;
  }
}
