// What the connections and listeners of one epoll reactor share: the epoll descriptor, the tables,
// and the buffers. No control flow here; the turn is in epoll-reactor.ts.
import type { SocketAddress } from "../../config/address.ts";
import { eventBytes, eventData } from "../../sys/epoll-event.ts";
import { SystemError } from "../../sys/errno.ts";
import { errno, epollCtl } from "../../sys/libc.ts";
import { Memory } from "../../sys/memory.ts";
import { sockaddrBytesMax } from "../../sys/sockaddr.ts";
import { Reason, type ReactorHandler } from "../reactor.ts";
import { recordBytes, type RecordMemory, scratchBytes } from "../record-memory.ts";
import type { EpollConnection } from "./epoll-connection.ts";
import type { EpollListener } from "./epoll-listener.ts";
import { HostTexts } from "./host-texts.ts";
import { Ownership } from "./ownership.ts";
import { PipePool } from "./pipes.ts";
import { Reserve } from "./reserve.ts";

/**
 * One receive. Small enough that what was read is still in the nearest caches when it is sent
 * (measured: 16 KiB costs a third less per MiB than 64 KiB); longer transfers are spliced. A piece of
 * 16 KiB, which is what buffers hold nearly everywhere, comes together with the head before it.
 */
export const receiveBytes: number = 18 * 1024;
/**
 * One receive of a long transfer that cannot be spliced, because TLS seals it first: four whole records
 * (measured: a third less per MiB than with `receiveBytes`, which makes two of 16 KiB and 2 KiB).
 */
export const bulkReceiveBytes: number = 64 * 1024;
export const eventsMax = 512;
/** Accepts in one turn, so that a flood of connections does not starve the established ones. */
export const acceptsPerTurn = 64;
/** Of each listener in each turn, however many the others took. */
export const acceptsAlways = 4;

/** In the generation half of an event's data: not a connection. */
export const listenerGeneration = -1;
export const wakerGeneration = -2;

/** A socket to listen on. */
export interface ListenPlace {
  readonly address: SocketAddress;
  readonly descriptor: number;
  /** It belongs to the control plane: never closed here. */
  readonly borrowed: boolean;
}

export interface EpollOptions {
  /** Where descriptors are noted as those of worker `owner`: see Ownership. */
  readonly owners: Uint8Array;
  readonly owner: number;
  /** Pipes for splicing at most, and descriptors held back for connects. */
  readonly spare: number;
}

export class Poll {
  readonly handler: ReactorHandler;
  /** Opens and closes every descriptor of this reactor. */
  readonly ownership: Ownership;
  readonly descriptor: number;
  /** Monotonic milliseconds of this turn. */
  nowMs: number;
  /** By descriptor. */
  readonly connections: (EpollConnection | undefined)[];
  readonly listeners: (EpollListener | undefined)[];
  connectionCount: number;
  /** Connections to read on after the events of this turn, because a handler resumed them. */
  ready: EpollConnection[];
  /** Connections that failed inside a call of their owner: onFail is still to come. */
  failed: EpollConnection[];
  /**
   * Accepted in this turn, handed to their owners in the next one: by then epoll has told whether
   * their first bytes are here.
   */
  accepted: EpollConnection[];
  /** Half-closed in this turn: those not closed by its end get their FIN. */
  halfClosing: EpollConnection[];
  /** Work for the next turn that is not a connection's: what listeners have to tell. */
  readonly later: (() => void)[];
  /** For the connects of whoever is accepted. */
  readonly reserve: Reserve;
  readonly pipes: PipePool;
  readonly hosts: HostTexts;
  readonly events: Memory;
  /**
   * What is received, Reactor.records, then Reactor.scratch. One array, because to copy within an array takes a third
   * of the time of set() and subarray(), and makes nothing.
   */
  readonly buffers: Memory;
  readonly records: RecordMemory;
  /** Other bytes that are sent from where they stand: Reactor.sendsFrom. */
  lent: Uint8Array;
  lentAddress: number;
  /** Where bytes stand while they are sent, when they are in none of these. */
  readonly outgoing: Memory;
  readonly address: Memory;
  readonly addressLength: Memory;
  readonly #event: Memory;
  #lastId: number;

  constructor(handler: ReactorHandler, { owners, owner, spare }: EpollOptions) {
    this.handler = handler;
    this.ownership = new Ownership(owners, owner);
    this.descriptor = this.ownership.epoll();
    if (this.descriptor < 0) throw new SystemError(errno(), "epoll_create1", "");
    this.nowMs = performance.now();
    this.connections = [];
    this.listeners = [];
    this.connectionCount = 0;
    this.ready = [];
    this.failed = [];
    this.accepted = [];
    this.halfClosing = [];
    this.later = [];
    this.reserve = new Reserve(spare, this.ownership);
    this.pipes = new PipePool(spare, this.ownership);
    this.hosts = new HostTexts();
    this.events = new Memory(eventsMax * eventBytes);
    this.buffers = new Memory(bulkReceiveBytes + recordBytes + scratchBytes);
    this.records = {
      bytes: this.buffers.bytes,
      address: this.buffers.address,
      start: bulkReceiveBytes,
    };
    this.lent = this.buffers.bytes;
    this.lentAddress = this.buffers.address;
    this.outgoing = new Memory(receiveBytes);
    this.address = new Memory(sockaddrBytesMax + 2);
    this.addressLength = new Memory(4);
    this.#event = new Memory(eventBytes);
    this.#lastId = 0;
  }

  nextId(): number {
    return ++this.#lastId;
  }

  /** epoll_ctl; false and errno when the kernel refuses. */
  control(operation: number, descriptor: number, mask: number, generation: number): boolean {
    const cells = this.#event.int32;
    cells[0] = mask;
    cells[eventData] = descriptor;
    cells[eventData + 1] = generation;
    return epollCtl(this.descriptor, operation, descriptor, this.#event.address) === 0;
  }

  /** What a handler throws costs its connection, and nothing else. */
  handlerThrew(connection: EpollConnection, error: unknown): void {
    this.handler.onHandlerError(error);
    if (connection.closed) return;
    connection.abort();
    try {
      connection.handler.onFail(connection, Reason.handlerError);
    } catch (another) {
      this.handler.onHandlerError(another);
    }
  }
}
