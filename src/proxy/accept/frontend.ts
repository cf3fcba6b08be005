// A frontend on one worker: its listeners, and who may come in. Over reloads it lives as long as
// its name does; its plan and backend are replaced in place.
//
// maxconn counts over all workers: a place is taken before accept(2), so nobody is accepted who
// would have to be sent away. Who finds no place pauses its listeners, says so in the scoreboard,
// and looks once more: whoever leaves looks there after, so one of the two always sees the other.
import { formatAddress } from "../../config/address.ts";
import type { FrontendPlan } from "../../config/plan.ts";
import { frontendField, workerField } from "../../scoreboard/fields.ts";
import type { BindAssignment, BindSecrets, FrontendAssignment } from "../assignment.ts";
import type { Backend } from "../dispatch/backend.ts";
import { Bind } from "./bind.ts";
import type { DataPlane } from "../data-plane.ts";
import { HttpFrontend } from "../http/http-frontend.ts";
import { TcpRouter } from "../tcp/tcp-router.ts";

const Full = { no: 0, frontend: 1, process: 2 } as const;
type Full = (typeof Full)[keyof typeof Full];

export class Frontend {
  readonly name: string;
  readonly row: number;
  /** Who takes its sessions; null in http mode. */
  tcp: TcpRouter | null;
  /** Null in tcp mode. */
  http: HttpFrontend | null;
  plan: FrontendPlan;
  readonly #plane: DataPlane;
  /** By address and descriptor. */
  readonly #binds: Map<string, Bind>;
  /** What its paused listeners wait for. */
  #waitsFor: Full;
  /** It takes what waits in its backlogs, and nobody after. */
  #closed: boolean;

  constructor(plane: DataPlane, assignment: FrontendAssignment) {
    this.name = assignment.plan.name;
    this.row = assignment.row;
    this.plan = assignment.plan;
    this.tcp = null;
    this.http = null;
    this.#plane = plane;
    this.#binds = new Map();
    this.#waitsFor = Full.no;
    this.#closed = false;
  }

  /** The first half of a new plan: closes the listeners that it does not name. */
  retire(assignment: FrontendAssignment): void {
    const wanted = new Set(assignment.binds.map(bindKey));
    for (const [key, bind] of this.#binds) {
      if (wanted.has(key)) continue;
      bind.close();
      this.#binds.delete(key);
    }
  }

  /** The second half: keeps and opens. By then no other frontend holds a descriptor of ours. */
  apply(assignment: FrontendAssignment, backends: ReadonlyMap<string, Backend>): void {
    const { plan } = assignment;
    this.plan = plan;
    this.http =
      plan.http === null ? null : new HttpFrontend(plan.http, backends, this.#plane.random);
    this.tcp = plan.http === null ? new TcpRouter(plan, backends, this.#plane.random) : null;
    for (const [i, bind] of assignment.binds.entries()) {
      const key = bindKey(bind, i);
      const known = this.#binds.get(key);
      if (known === undefined) {
        this.#binds.set(key, new Bind(this.#plane, this, bind, i + 1));
      } else {
        known.apply(bind, i + 1);
      }
    }
    // Its maxconn may have grown.
    this.tryResume();
  }

  /** Stops accepting for good; sessions go on. */
  close(): void {
    this.#closed = true;
    for (const bind of this.#binds.values()) bind.close();
    this.#binds.clear();
    this.#wait(Full.no);
  }

  /** Takes a place for one more session; false, and it waits to be resumed, when there is none. */
  enter(): boolean {
    for (;;) {
      const full = this.#take();
      if (full === Full.no) return true;
      if (this.#closed) return false;
      this.#wait(full);
      if (!this.#hasRoom()) {
        const { reports, sessionsMax } = this.#plane;
        reports.full(this, full === Full.process ? sessionsMax : null);
        return false;
      }
      // Somebody left in between and may have looked before we waited: all binds go on, not only
      // the one that asks.
      this.tryResume();
    }
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

  addresses(): string[] {
    return [...this.#binds.values()].map(({ listener }) => formatAddress(listener.address));
  }

  /** The files of one of its binds, perhaps, have changed. */
  recertify(secrets: BindSecrets): void {
    for (const bind of this.#binds.values()) bind.recertify(secrets);
  }

  /** A bind that could not listen. */
  forget(bind: Bind): void {
    for (const [key, known] of this.#binds) if (known === bind) this.#binds.delete(key);
  }
}

/**
 * A bind that is opened anew (its descriptor changed) is another one, though its address stayed.
 * Port 0 that the reactor opens itself may be named twice: there its place tells them apart.
 */
function bindKey({ plan, descriptor }: BindAssignment, index: number): string {
  const { address } = plan;
  const key = `${descriptor} ${formatAddress(address)}`;
  const anonymous = descriptor < 0 && address.family !== "unix" && address.port === 0;
  return anonymous ? `${key} ${index}` : key;
}
