// Ballast in the test's own process, with several frontends in http mode and what its scoreboard says.
// After the test it fails when something inside was wrong.
import { expect } from "vitest";
import type { Supervisor } from "../../dist/index.js";
import { type Messages, startPlan } from "./admin.ts";
import { connectClient } from "./clients.ts";
import { nextResponse, type RawResponse } from "./http.ts";
import { atTestEnd } from "./leftovers.ts";
import { planOf } from "./library.ts";
import type { Peer } from "./peer.ts";
import type { Settings } from "./tcp-config.ts";
import { until } from "./until.ts";

/** What a test says of one backend; its frontend has the same name. */
export interface Pair {
  readonly servers: Readonly<Record<string, unknown>>;
  readonly frontend?: Settings;
  readonly [key: string]: unknown;
}

/** A frontend in http mode for each of `pairs`, in front of the backend of the same name. */
export function pairsConfig(
  pairs: Readonly<Record<string, Pair>>,
  global: Settings = {},
): Settings {
  const frontends: Record<string, Settings> = {};
  const backends: Record<string, Settings> = {};
  for (const [name, { frontend, ...backend }] of Object.entries(pairs)) {
    frontends[name] = { mode: "http", bind: "127.0.0.1:0", backend: name, ...frontend };
    backends[name] = backend;
  }
  return {
    global: {
      workers: 1,
      admin: "off",
      log: { access: "off" },
      shutdownTimeout: "0ms",
      ...global,
    },
    frontends,
    backends,
  };
}

export class HttpBallast {
  readonly supervisor: Supervisor;
  readonly #names: readonly string[];

  constructor(supervisor: Supervisor, names: readonly string[]) {
    this.supervisor = supervisor;
    this.#names = names;
  }

  /** Where the frontend of that name listens. */
  at(name: string): string {
    const address = this.supervisor.addresses[this.#names.indexOf(name)];
    if (address === undefined) throw new Error(`no frontend ${name}`);
    return address;
  }

  /** The counters of a backend. */
  backend(name: string): ReturnType<Supervisor["board"]["backends"]["snapshot"]> {
    return this.supervisor.board.backends.snapshot(this.#names.indexOf(name));
  }

  /** The counters of a frontend. */
  frontend(name: string): ReturnType<Supervisor["board"]["frontends"]["snapshot"]> {
    return this.supervisor.board.frontends.snapshot(this.#names.indexOf(name));
  }

  /** The counters of the servers, in the order of the configuration. */
  server(row: number): ReturnType<Supervisor["board"]["servers"]["snapshot"]> {
    return this.supervisor.board.servers.snapshot(row);
  }

  setServer(name: string, state: "ready" | "drain" | "maint"): void {
    const status = this.supervisor.states.server(name);
    if (status === undefined) throw new Error(`no server ${name}`);
    this.supervisor.states.setAdmin(status, state);
    this.supervisor.states.flush();
  }

  /** Every session is counted out again. */
  async untilIdle(): Promise<void> {
    const { board } = this.supervisor;
    await until("all sessions to have left", () =>
      this.#names.every(
        (_, row) =>
          board.frontends.snapshot(row).active === 0 && board.backends.snapshot(row).active === 0,
      ),
    );
  }
}

/** Starts `pairs`. */
export async function startHttp(
  pairs: Readonly<Record<string, Pair>>,
  global: Settings = {},
): Promise<HttpBallast> {
  const messages: Messages = { lines: [] };
  atTestEnd(() => {
    const wrong = messages.lines.filter(({ message }) =>
      /internal error|died|turned/.test(message),
    );
    expect(wrong).toEqual([]);
  });
  const plan = planOf(pairsConfig(pairs, global));
  return new HttpBallast(await startPlan(plan, messages), Object.keys(pairs));
}

export interface AskOptions {
  readonly method?: string;
  /** Lines without their ends. */
  readonly fields?: readonly string[];
  readonly body?: string;
}

/** A client that asks one thing after the other over one connection. */
export class Asker {
  readonly peer: Peer;
  #read: number;

  constructor(peer: Peer) {
    this.peer = peer;
    this.#read = 0;
  }

  static async connect(address: string, from?: string): Promise<Asker> {
    return new Asker(await connectClient(address, from));
  }

  /** Sends a request, and does not wait. */
  send(target: string, { method = "GET", fields = [], body = "" }: AskOptions = {}): void {
    const length = body === "" ? [] : [`Content-Length: ${body.length}`];
    const lines = [`${method} ${target} HTTP/1.1`, "Host: example.com", ...fields, ...length];
    this.peer.write(`${lines.join("\r\n")}\r\n\r\n${body}`);
  }

  /** The next response that has not been read. */
  async next(method = "GET"): Promise<RawResponse> {
    const response = await nextResponse(this.peer, this.#read, method);
    this.#read = this.peer.bytes - response.rest.length;
    return response;
  }

  async ask(target: string, options: AskOptions = {}): Promise<RawResponse> {
    this.send(target, options);
    return this.next(options.method);
  }
}
