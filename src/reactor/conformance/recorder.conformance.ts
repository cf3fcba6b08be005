// Handlers that write down what a reactor tells them, for the conformance suite. Each of them also
// watches for the one mistake that no single test would find: a callback from inside a call.
import { createHash } from "node:crypto";
import type { Connection, ConnectionHandler, ListenHandler, Listener } from "../reactor.ts";
import { Reason } from "../reactor.ts";

export type CallbackName = keyof ConnectionHandler;

let callsOpen = 0;
const callbacksInside: string[] = [];

/** Makes a call during which no handler may be called. */
export function within<T>(call: () => T): T {
  callsOpen++;
  try {
    return call();
  } finally {
    callsOpen--;
  }
}

/** The callbacks that came from inside a call since this was last asked. */
export function takeCallbacksInside(): string[] {
  return callbacksInside.splice(0);
}

function note(name: string): void {
  if (callsOpen > 0) callbacksInside.push(name);
}

/** The name of a reason, as events show it. */
export function reasonName(reason: Reason): string {
  const entry = Object.entries(Reason).find(([, value]) => value === reason);
  return entry?.[0] ?? `unknown ${reason}`;
}

/** Records one connection's callbacks: `events` in order, a run of data or forward as one. */
export class Recorder implements ConnectionHandler {
  readonly events: string[] = [];
  received = 0;
  forwarded = 0;
  readonly #hooks: Partial<ConnectionHandler>;
  readonly #chunks: Buffer[] = [];

  constructor(hooks: Partial<ConnectionHandler> = {}) {
    this.#hooks = hooks;
  }

  /** How often something of this name came, runs of data counted once. */
  count(event: string): number {
    return this.events.filter((other) => other === event).length;
  }

  has(event: string): boolean {
    return this.events.includes(event);
  }

  text(): string {
    return Buffer.concat(this.#chunks).toString("latin1");
  }

  digest(): string {
    const hash = createHash("sha256");
    for (const chunk of this.#chunks) hash.update(chunk);
    return hash.digest("hex");
  }

  onConnect(connection: Connection): void {
    this.#add("connect");
    this.#hooks.onConnect?.(connection);
  }

  onData(connection: Connection, bytes: Uint8Array, start: number, end: number): void {
    if (this.events.at(-1) === "data") note("data");
    else this.#add("data");
    this.received += end - start;
    this.#chunks.push(Buffer.from(bytes.subarray(start, end)));
    this.#hooks.onData?.(connection, bytes, start, end);
  }

  onForward(connection: Connection, length: number): void {
    if (this.events.at(-1) === "forward") note("forward");
    else this.#add("forward");
    this.forwarded += length;
    this.#hooks.onForward?.(connection, length);
  }

  onDrain(connection: Connection): void {
    this.#add("drain");
    this.#hooks.onDrain?.(connection);
  }

  onEnd(connection: Connection): void {
    this.#add("end");
    this.#hooks.onEnd?.(connection);
  }

  onFail(connection: Connection, reason: Reason): void {
    this.#add(`fail:${reasonName(reason)}`);
    this.#hooks.onFail?.(connection, reason);
  }

  #add(event: string): void {
    note(event);
    this.events.push(event);
  }
}

/** Records one listener's callbacks and gives each accepted connection a recorder. */
export class Acceptor implements ListenHandler {
  readonly connections: Connection[] = [];
  readonly recorders: Recorder[] = [];
  readonly exhausted: string[] = [];
  listening = false;
  /** How often onClosed came. */
  closed = 0;
  /** Name of the reason for onListenFail. */
  failure = "";
  message = "";
  /** How many more admit() lets in. */
  room: number = Infinity;
  admitted = 0;
  unadmitted = 0;
  /** How often admit() answered no. */
  refused = 0;
  /** Called when a connection has come, before it reads. */
  readonly #onAccepted: (connection: Connection, recorder: Recorder) => void;

  constructor(onAccepted: (connection: Connection, recorder: Recorder) => void = () => {}) {
    this.#onAccepted = onAccepted;
  }

  admit(_listener: Listener): boolean {
    note("admit");
    if (this.room <= 0) {
      this.refused++;
      return false;
    }
    this.room--;
    this.admitted++;
    return true;
  }

  unadmit(_listener: Listener): void {
    note("unadmit");
    this.room++;
    this.unadmitted++;
  }

  onAccept(_listener: Listener, connection: Connection): void {
    note("accept");
    const recorder = new Recorder();
    connection.handler = recorder;
    this.connections.push(connection);
    this.recorders.push(recorder);
    this.#onAccepted(connection, recorder);
  }

  onListening(_listener: Listener): void {
    note("listening");
    this.listening = true;
  }

  onListenFail(_listener: Listener, reason: Reason, message: string): void {
    note("listenFail");
    this.failure = reasonName(reason);
    this.message = message;
  }

  onExhausted(_listener: Listener, message: string): void {
    note("exhausted");
    this.exhausted.push(message);
  }

  onClosed(_listener: Listener): void {
    note("closed");
    this.closed++;
  }
}
