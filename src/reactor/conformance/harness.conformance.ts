// What the conformance suite needs of a reactor under test, and the one way to drive it that fits
// every implementation. Written by the suite; used by each reactor's test file.
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import type { Reactor, ReactorHandler } from "../reactor.ts";
import type { Peers } from "./peers.conformance.ts";

/** What an implementation may be unable to do. Null: it can; else why it cannot, for the report. */
export interface Capabilities {
  /** Connections that are not admitted stay in the kernel's backlog. */
  readonly leavesBacklog: string | null;
  /** A reset reaches a connection that is paused and has nothing to send. */
  readonly failsWhilePaused: string | null;
  /** A listening descriptor that it was given stays open when its listener is closed. */
  readonly keepsDescriptor: string | null;
  /** Several listeners may share a port (SO_REUSEPORT). */
  readonly sharesPorts: string | null;
  /** EMFILE on accept is told, and nothing is lost by it. Needs `exhaustDescriptors`. */
  readonly reportsExhaustion: string | null;
}

/** A listening (or bound) descriptor that does not belong to the reactor. */
export interface ForeignDescriptor {
  readonly descriptor: number;
  readonly port: number;
  /** Closes it, if the reactor leaves that to its owner. */
  close(): void;
}

export interface Harness {
  readonly reactor: Reactor;
  /** The other ends of the connections. */
  readonly peers: Peers;
  readonly capabilities: Capabilities;
  /** What reached onHandlerError. A test takes out what it expects; close() finds the rest. */
  readonly errors: unknown[];
  /** Calls of onWake so far. */
  readonly wakes: number;
  /** Bytes that each write() adds on its way: those of a TLS record. */
  readonly addedBytes: number;
  /** Called by onWake, after counting. */
  onWake: () => void;
  /**
   * Lets the reactor run turns, and the Node event loop too, until `predicate` holds; fails with
   * `what` when it takes too long. The predicate is asked once a turn.
   */
  until(predicate: () => boolean, what: string): Promise<void>;
  /** Peers first, then the reactor: stops it and asserts that nothing is left open or unreported. */
  close(): Promise<void>;
  /** Takes every descriptor that the process may still have, until release() gives them back. */
  readonly exhaustDescriptors: (() => { release(): void }) | null;
  /** Opens 127.0.0.1, a free port, for a listener to use. */
  readonly foreignDescriptor: (() => ForeignDescriptor) | null;
}

export interface Subject<R extends Reactor> {
  /** 0 by default. */
  readonly addedBytes?: number;
  /** Makes the reactor; nothing of it may have been open before. */
  readonly open: (handler: ReactorHandler) => R;
  /** Runs what is due without blocking; does nothing for a reactor that lives on Node's loop. */
  readonly turn: (reactor: R) => void;
  readonly peers: () => Peers;
  readonly capabilities: Capabilities;
  readonly exhaustDescriptors: (() => { release(): void }) | null;
  readonly foreignDescriptor: (() => ForeignDescriptor) | null;
}

/** How long a predicate may take before the test fails: far beyond what any machine needs. */
const patienceMs = 15_000;

/** A harness over real sockets. reactor.run() after stop() must clean up and return. */
export class SocketHarness<R extends Reactor> implements Harness {
  readonly reactor: R;
  readonly peers: Peers;
  readonly capabilities: Capabilities;
  readonly errors: unknown[] = [];
  readonly addedBytes: number;
  readonly exhaustDescriptors: (() => { release(): void }) | null;
  readonly foreignDescriptor: (() => ForeignDescriptor) | null;
  wakes = 0;
  onWake: () => void = () => {};
  readonly #turn: (reactor: R) => void;
  readonly #descriptorsBefore: number;

  constructor(subject: Subject<R>) {
    this.#descriptorsBefore = openDescriptors();
    this.#turn = subject.turn;
    this.capabilities = subject.capabilities;
    this.addedBytes = subject.addedBytes ?? 0;
    this.exhaustDescriptors = subject.exhaustDescriptors;
    this.foreignDescriptor = subject.foreignDescriptor;
    this.peers = subject.peers();
    this.reactor = subject.open({
      onWake: () => {
        this.wakes++;
        this.onWake();
      },
      onHandlerError: (error) => {
        this.errors.push(error);
      },
    });
  }

  async until(predicate: () => boolean, what: string): Promise<void> {
    const deadlineMs = performance.now() + patienceMs;
    while (!predicate()) {
      if (performance.now() > deadlineMs) throw new Error(`did not happen: ${what}`);
      this.#turn(this.reactor);
      await nextTurn();
    }
  }

  async close(): Promise<void> {
    await this.peers.close();
    this.reactor.stop();
    await this.reactor.run();
    assert.deepEqual(this.errors, [], "handlers threw");
    assert.equal(this.reactor.connections, 0, "connections are open after stop()");
    const deadlineMs = performance.now() + patienceMs;
    while (openDescriptors() > this.#descriptorsBefore && performance.now() < deadlineMs) {
      await nextTurn();
    }
    const left = openDescriptors() - this.#descriptorsBefore;
    assert.ok(left <= 0, `${left} descriptors are open after stop()`);
  }
}

/** Runs `count` turns: enough for anything that is pending to be told, if it wrongly would be. */
export async function turns(harness: Harness, count = 40): Promise<void> {
  let left = count;
  await harness.until(() => left-- <= 0, "turns");
}

/** Descriptors of this process; 0 where the system has no list of them. */
export function openDescriptors(): number {
  try {
    return readdirSync("/dev/fd").length;
  } catch {
    return 0;
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
