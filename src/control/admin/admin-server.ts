// The admin API of the running Ballast: opened where the plan says, moved when a reload says another
// place, closed at the stop. A watcher like others; what it answers is in the resources.
import { formatAddress } from "../../config/address.ts";
import type { AdminPlan, Plan } from "../../config/plan.ts";
import type { Watcher } from "../watchers.ts";
import { isLocal } from "./access.ts";
import type { AdminContext, AdminServices, Reload } from "./admin-context.ts";
import { answer } from "./answering.ts";
import { HttpListener } from "./http-listener.ts";
import { TransitionHistory } from "./transition-history.ts";

export class AdminServer implements Watcher, AdminServices {
  readonly context: AdminContext;
  readonly transitions: TransitionHistory;
  /** Set by whoever knows the file that the plan came from. */
  reload: Reload | null;
  #listener: HttpListener | null;
  /** What the listener was opened for; its token may have changed since. */
  #plan: AdminPlan | null;
  #started: boolean;
  #closed: boolean;
  /** The end of the listener before, which may still answer what it was asked. */
  #closing: Promise<void>;

  constructor(context: AdminContext) {
    this.context = context;
    this.transitions = new TransitionHistory(context.states);
    this.reload = null;
    this.#listener = null;
    this.#plan = null;
    this.#started = false;
    this.#closed = false;
    this.#closing = Promise.resolve();
  }

  /** Where it listens; null when it does not. */
  get address(): string | null {
    return this.#listener === null ? null : this.#listener.address;
  }

  /** Rejects at the start when the file asks for it and it cannot listen; later it stays as it was. */
  async apply({ global: { admin } }: Plan): Promise<void> {
    if (this.#closed) return;
    const atStart = !this.#started;
    this.#started = true;
    if (admin !== null && this.#plan !== null && sameAddress(admin, this.#plan)) {
      this.#plan = admin;
      return;
    }
    const before = this.#listener;
    if (admin === null) {
      this.#listener = null;
      if (before !== null) this.context.log.info("the admin API is off");
    } else if (!(await this.#move(admin, atStart))) return;
    this.#plan = admin;
    // Not waited for: the reload that brings us here may be what it still has to answer.
    if (before !== null) this.#closing = before.close();
  }

  /** Listens there. False, and that is told, when it cannot and the process may live with it. */
  async #move(admin: AdminPlan, atStart: boolean): Promise<boolean> {
    const { log } = this.context;
    try {
      const listener = await this.#open(admin);
      if (this.#closed) {
        await listener.close();
        return false;
      }
      const { address } = listener;
      this.#listener = listener;
      log[atStart ? "debug" : "info"]({ address }, `the admin API listens on ${address}`);
      return true;
    } catch (error) {
      const where = formatAddress(admin.address);
      const message = `the admin API cannot listen on ${where}: ${explain(error)}`;
      if (admin.required && atStart) throw new Error(message, { cause: error });
      const then = this.address === null ? "it is off" : `it stays on ${this.address}`;
      log[admin.required ? "error" : "warn"](`${message}; ${then}`);
      return false;
    }
  }

  #open(admin: AdminPlan): Promise<HttpListener> {
    if (admin.token === "" && !isLocal(admin.address)) {
      throw new Error("everybody who reaches that address could use it; set global.admin.token");
    }
    return HttpListener.open(admin.address, (request, response) => {
      // The plan in force, because a reload may have changed the token alone.
      void answer(request, response, this.#plan ?? admin, this);
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    const listener = this.#listener;
    this.#listener = null;
    this.#plan = null;
    await Promise.all([listener?.close(), this.#closing]);
  }
}

function sameAddress(one: AdminPlan, other: AdminPlan): boolean {
  return formatAddress(one.address) === formatAddress(other.address);
}

function explain(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  switch (code) {
    case "EADDRINUSE":
      return "it is in use, perhaps by another Ballast; set global.admin.bind to another address, or admin: off";
    case "EACCES":
      return "permission denied; set global.admin.bind to a port above 1023, or a path that can be written";
    case "EADDRNOTAVAIL":
      return "no interface of this machine has that address; set global.admin.bind to one of its own";
    case "ENOENT":
      return "the folder of this unix socket does not exist; create it first";
    default:
      return message;
  }
}
