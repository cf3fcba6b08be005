// A frontend on one worker: its listeners, and who may come in. Over reloads it lives as long as
// its name does; its plan and backend are replaced in place.
//
// maxconn counts over all workers: a place is taken before accept(2), so nobody is accepted who
// would have to be sent away. Who finds no place pauses its listeners, says so in the scoreboard,
// and looks once more: whoever leaves looks there after, so one of the two always sees the other.
import { formatAddress } from "../config/address.ts";
import type { FrontendPlan } from "../config/plan.ts";
import type { Connection, Listener, ListenHandler, Reason } from "../reactor/reactor.ts";
import { frontendField, workerField } from "../scoreboard/fields.ts";
import type { BindAssignment, FrontendAssignment } from "./assignment.ts";
import type { Backend } from "./backend.ts";
import type { DataPlane } from "./data-plane.ts";
import { Session } from "./session.ts";

/** One listener and what its connections begin with. */
export interface Bind {
  listener: Listener;
  acceptProxy: boolean;
}

const Full = { no: 0, frontend: 1, process: 2 } as const;
type Full = (typeof Full)[keyof typeof Full];

export class Frontend implements ListenHandler {
  readonly name: string;
  readonly row: number;
  backend: Backend;
  plan: FrontendPlan;
  readonly #plane: DataPlane;
  /** By address and descriptor. */
  readonly #binds: Map<string, Bind>;
  /** What its paused listeners wait for. */
  #waitsFor: Full;

  constructor(plane: DataPlane, assignment: FrontendAssignment, backend: Backend) {
    this.name = assignment.plan.name;
    this.row = assignment.row;
    this.plan = assignment.plan;
    this.backend = backend;
    this.#plane = plane;
    this.#binds = new Map();
    this.#waitsFor = Full.no;
  }

  /** The first half of a new plan: closes the listeners that it does not name. */
  retire(assignment: FrontendAssignment): void {
    const wanted = new Set(assignment.binds.map(bindKey));
    for (const [key, { listener }] of this.#binds) {
      if (wanted.has(key)) continue;
      listener.close();
      this.#binds.delete(key);
    }
  }

  /** The second half: keeps and opens. By then no other frontend holds a descriptor of ours. */
  apply(assignment: FrontendAssignment, backend: Backend): void {
    this.plan = assignment.plan;
    this.backend = backend;
    for (const bind of assignment.binds) {
      const { plan, descriptor } = bind;
      const known = this.#binds.get(bindKey(bind));
      if (known === undefined) {
        const options = { descriptor, backlog: this.#plane.backlog };
        const listener = this.#plane.reactor.listen(plan.address, options, this);
        this.#binds.set(bindKey(bind), { listener, acceptProxy: plan.acceptProxy });
      } else {
        known.acceptProxy = plan.acceptProxy;
      }
    }
    // Its maxconn may have grown.
    this.tryResume();
  }

  /** Stops accepting for good; sessions go on. */
  close(): void {
    for (const { listener } of this.#binds.values()) listener.close();
    this.#binds.clear();
    this.#wait(Full.no);
  }

  admit(_listener: Listener): boolean {
    for (;;) {
      const full = this.#take();
      if (full === Full.no) return true;
      this.#wait(full);
      if (!this.#hasRoom()) {
        this.#plane.onFull(this, full === Full.process);
        return false;
      }
      this.#wait(Full.no);
    }
  }

  unadmit(_listener: Listener): void {
    this.leave();
  }

  /** Takes a place for one session, or none. */
  #take(): Full {
    const { board, sessionsMax } = this.#plane;
    const { maxconn } = this.plan;
    const inFrontend = board.frontends.gaugeAdd(this.row, frontendField.active, 1);
    if (maxconn > 0 && inFrontend > maxconn) {
      board.frontends.gaugeAdd(this.row, frontendField.active, -1);
      return Full.frontend;
    }
    if (board.workers.gaugeAdd(0, workerField.active, 1) > sessionsMax) {
      board.workers.gaugeAdd(0, workerField.active, -1);
      board.frontends.gaugeAdd(this.row, frontendField.active, -1);
      return Full.process;
    }
    return Full.no;
  }

  #hasRoom(): boolean {
    const { board, sessionsMax } = this.#plane;
    const { maxconn } = this.plan;
    if (board.workers.gauge(0, workerField.active) >= sessionsMax) return false;
    return maxconn === 0 || board.frontends.gauge(this.row, frontendField.active) < maxconn;
  }

  /** Notes in the scoreboard what this worker waits for here. */
  #wait(full: Full): void {
    if (this.#waitsFor === full) return;
    const { board } = this.#plane;
    if (this.#waitsFor === Full.no) board.frontends.gaugeAdd(this.row, frontendField.waiting, 1);
    if (full === Full.no) board.frontends.gaugeAdd(this.row, frontendField.waiting, -1);
    if (this.#waitsFor === Full.process) board.workers.gaugeAdd(0, workerField.waiting, -1);
    if (full === Full.process) board.workers.gaugeAdd(0, workerField.waiting, 1);
    this.#waitsFor = full;
  }

  /** Gives a place back, and tells whoever waits for one. */
  leave(): void {
    const { board } = this.#plane;
    board.workers.gaugeAdd(0, workerField.active, -1);
    board.frontends.gaugeAdd(this.row, frontendField.active, -1);
    const waiting =
      board.frontends.gauge(this.row, frontendField.waiting) > 0 ||
      board.workers.gauge(0, workerField.waiting) > 0;
    if (waiting) this.#plane.wakeWaiting(this.row);
  }

  /** Accepts again if it waited and there is room. */
  tryResume(): void {
    if (this.#waitsFor === Full.no || !this.#hasRoom()) return;
    this.#wait(Full.no);
    for (const { listener } of this.#binds.values()) listener.resume();
  }

  onAccept(listener: Listener, connection: Connection): void {
    this.#plane.board.frontends.count(this.row, frontendField.sessions, 1);
    const bind = this.#bindOf(listener);
    new Session(this.#plane, this, connection, listener.address).start(bind?.acceptProxy ?? false);
  }

  #bindOf(listener: Listener): Bind | undefined {
    for (const bind of this.#binds.values()) if (bind.listener === listener) return bind;
    return undefined;
  }

  onListening(listener: Listener): void {
    this.#plane.report({
      level: "debug",
      message: "listening",
      fields: { frontend: this.name, address: formatAddress(listener.address) },
    });
  }

  onListenFail(listener: Listener, _reason: Reason, message: string): void {
    const address = formatAddress(listener.address);
    this.#plane.report({
      level: "error",
      message: `frontend ${this.name} cannot listen on ${address}: ${message}`,
      fields: { frontend: this.name, address },
    });
  }

  onExhausted(listener: Listener, message: string): void {
    this.#plane.board.frontends.count(this.row, frontendField.exhausted, 1);
    this.#plane.report({
      level: "error",
      message: `frontend ${this.name} cannot accept: ${message}; connections wait in the kernel's backlog and accepting goes on as soon as descriptors are free`,
      fields: { frontend: this.name, address: formatAddress(listener.address) },
    });
  }
}

/** A bind that is opened anew (its descriptor changed) is another one, though its address stayed. */
function bindKey({ plan, descriptor }: BindAssignment): string {
  return `${descriptor} ${formatAddress(plan.address)}`;
}
