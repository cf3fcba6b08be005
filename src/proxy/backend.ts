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

  constructor(assignment: ServerAssignment) {
    this.name = assignment.plan.name;
    this.row = assignment.row;
    this.address = assignment.address;
    this.sendProxy = assignment.plan.sendProxy;
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
    this.selection = new Selection(
      { balance: plan.balance, options: {}, row, servers: this.servers },
      board,
      random,
    );
    this.retries = plan.retries;
    this.redispatch = plan.redispatch;
    this.timeout = plan.timeout;
    this.tcpKeepaliveMs = plan.tcpKeepaliveMs;
  }
}
