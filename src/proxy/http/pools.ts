// Idle connections to servers, of one worker: a stack for each server, so that the warmest is used
// first and those that are not needed grow old at the other end. They outlive plans, as long as their
// server keeps its row, its address and its way of connecting.
import type { SocketAddress } from "../../config/address.ts";
import type { Timer, TimerHandler } from "../../reactor/reactor.ts";
import { wake } from "../../reactor/wake.ts";
import { workerField } from "../../scoreboard/fields.ts";
import type { DataPlane } from "../data-plane.ts";
import type { Server } from "../dispatch/backend.ts";
import type { ServerConnection } from "./server-connection.ts";

/** The idle connections to one server. */
class Pool {
  newest: ServerConnection | null;
  oldest: ServerConnection | null;
  count: number;

  constructor() {
    this.newest = null;
    this.oldest = null;
    this.count = 0;
  }

  push(connection: ServerConnection): void {
    connection.older = this.newest;
    connection.newer = null;
    if (this.newest === null) this.oldest = connection;
    else this.newest.newer = connection;
    this.newest = connection;
    this.count++;
  }

  remove(connection: ServerConnection): void {
    const { newer, older } = connection;
    if (newer === null) this.newest = older;
    else newer.older = older;
    if (older === null) this.oldest = newer;
    else older.newer = newer;
    connection.newer = null;
    connection.older = null;
    this.count--;
  }
}

/** How often the old ones are looked for, at most. */
const sweepMs = 1000;

export class Pools implements TimerHandler {
  readonly #plane: DataPlane;
  /** By the server's row. */
  readonly #pools: Map<number, Pool>;
  readonly #timer: Timer;
  #closed: boolean;
  /** What the scoreboard said of shedding when this worker looked last. */
  #heard: number;
  /** Idle connections over all servers. */
  count: number;

  constructor(plane: DataPlane) {
    this.#plane = plane;
    this.#pools = new Map();
    this.#timer = plane.reactor.timer(this);
    this.#closed = false;
    this.#heard = plane.board.workers.load(0, workerField.shedding);
    this.count = 0;
  }

  /** The one used last that still is good; null: connect. */
  take(server: Server): ServerConnection | null {
    const pool = this.#pools.get(server.row);
    if (pool === undefined) return null;
    for (;;) {
      const found = pool.newest;
      if (found === null) return null;
      pool.remove(found);
      this.count--;
      if (isUsable(found, server)) return found;
      found.close();
    }
  }

  /** Its exchange is over: it waits for another one, or closes. */
  put(connection: ServerConnection): void {
    const { server } = connection;
    const { reuse } = server;
    connection.exchange = null;
    const { nowMs } = this.#plane.reactor;
    // One that has told its server of a client is that client's, and nobody takes it again.
    const spent =
      server.sendProxy !== 0 ||
      reuse.mode === "never" ||
      (reuse.requestsMax > 0 && connection.requests >= reuse.requestsMax) ||
      (reuse.ageMaxMs > 0 && nowMs - connection.bornMs >= reuse.ageMaxMs);
    if (this.#closed || spent || connection.connection.ended || reuse.idleMax === 0) {
      connection.close();
      return;
    }
    let pool = this.#pools.get(server.row);
    if (pool === undefined) {
      pool = new Pool();
      this.#pools.set(server.row, pool);
    }
    connection.idleSinceMs = nowMs;
    pool.push(connection);
    this.count++;
    if (pool.count > reuse.idleMax) this.#close(pool, pool.oldest as ServerConnection);
    if (!this.#timer.armed) this.#timer.arm(sweepMs);
  }

  /** The server has closed it, or has said what nobody asked for. */
  drop(connection: ServerConnection): void {
    const pool = this.#pools.get(connection.server.row);
    if (pool !== undefined) this.#close(pool, connection);
  }

  #close(pool: Pool, connection: ServerConnection): void {
    pool.remove(connection);
    this.count--;
    connection.close();
  }

  onTimer(): void {
    const { nowMs } = this.#plane.reactor;
    for (const pool of this.#pools.values()) {
      for (let { oldest } = pool; oldest !== null; oldest = pool.oldest) {
        const { idleTimeoutMs } = oldest.server.reuse;
        if (idleTimeoutMs === 0 || nowMs - oldest.idleSinceMs < idleTimeoutMs) break;
        this.#close(pool, oldest);
      }
    }
    if (this.count > 0) this.#timer.arm(sweepMs);
  }

  /**
   * Descriptors have run out while connecting: the oldest idle connection of each server makes room. A
   * worker that has none asks the others, for descriptors belong to the process.
   */
  shed(): void {
    if (this.count === 0) this.#askOthers();
    for (const pool of this.#pools.values()) {
      if (pool.oldest !== null) this.#close(pool, pool.oldest);
    }
  }

  /** They have run out while accepting, which says so once for all who wait: room is made for all. */
  shedAll(): void {
    this.#empty();
    this.#askOthers();
  }

  #askOthers(): void {
    const { board, peers } = this.#plane;
    this.#heard = board.workers.fetchAdd(0, workerField.shedding, 1) + 1;
    for (const [worker, waker] of peers.entries()) if (worker !== board.worker) wake(waker);
  }

  /** Another worker may have asked. */
  hear(): void {
    const asked = this.#plane.board.workers.load(0, workerField.shedding);
    if (asked === this.#heard) return;
    this.#heard = asked;
    this.#empty();
  }

  #empty(): void {
    this.replan(new Map());
  }

  /** A new plan is in force: connections to servers that are gone or have moved close. */
  replan(servers: ReadonlyMap<number, Server>): void {
    for (const [row, pool] of this.#pools) {
      const server = servers.get(row);
      let older: ServerConnection | null;
      for (let found = pool.newest; found !== null; found = older) {
        ({ older } = found);
        if (server === undefined || !isUsable(found, server)) this.#close(pool, found);
      }
      if (pool.count === 0) this.#pools.delete(row);
    }
  }

  /** The worker stops: nothing is kept from now on. */
  close(): void {
    this.#closed = true;
    this.#empty();
    this.#timer.cancel();
  }
}

function isUsable({ connection, server: then }: ServerConnection, server: Server): boolean {
  if (connection.ended || connection.hasData) return false;
  if (then === server) return true;
  if (then.tls !== server.tls) return false;
  return then.sendProxy === server.sendProxy && sameAddress(connection.remote, server.address);
}

function sameAddress(one: SocketAddress, other: SocketAddress | null): boolean {
  if (other === null) return false;
  if (one.family === "unix" || other.family === "unix") {
    return (
      one.family === other.family && "path" in other && "path" in one && one.path === other.path
    );
  }
  return one.host === other.host && one.port === other.port;
}
