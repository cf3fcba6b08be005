// One bind of a frontend on one worker: its listener, and what each of its connections begins
// with. It outlives its place in the frontend until it has taken its backlog.
import { formatAddress } from "../../config/address.ts";
import { listenBacklog } from "../../config/limits.ts";
import type { Connection, Listener, ListenHandler, Reason } from "../../reactor/reactor.ts";
import { frontendField } from "../../scoreboard/fields.ts";
import type { BindTlsPlan } from "../../config/tls-plan.ts";
import { SessionCache } from "../../tls/session-cache.ts";
import { ServerContexts } from "../../tls/server-contexts.ts";
import type { BindAssignment, BindSecrets } from "../assignment.ts";
import type { DataPlane } from "../data-plane.ts";
import type { Frontend } from "./frontend.ts";
import { HttpSession } from "../http/http-session.ts";
import { TcpSession } from "../tcp/tcp-session.ts";

export class Bind implements ListenHandler {
  readonly listener: Listener;
  acceptProxy: boolean;
  /** Its place among the frontend's binds, from 1. */
  id: number;
  /** What clients are answered with in TLS; null: it speaks none. */
  #contexts: ServerContexts | null;
  /** Of the secrets that these were made of. */
  #stamp: number;
  #key: string;
  #tls: BindTlsPlan | null;
  readonly #plane: DataPlane;
  readonly #frontend: Frontend;
  /** Neither listening nor failed yet. A close before that is told by onClosed alone. */
  #opening: boolean;

  /** Begins to listen. */
  constructor(plane: DataPlane, frontend: Frontend, assignment: BindAssignment, id: number) {
    const { plan, descriptor } = assignment;
    this.acceptProxy = plan.acceptProxy;
    this.id = id;
    this.#contexts = null;
    this.#stamp = -1;
    this.#key = "";
    this.#tls = null;
    this.#plane = plane;
    this.#frontend = frontend;
    this.#opening = true;
    this.apply(assignment, id);
    plane.unsettled();
    this.listener = plane.reactor.listen(
      plan.address,
      { descriptor, backlog: listenBacklog },
      this,
    );
  }

  /** What a new plan says of it. */
  apply({ plan, secrets }: BindAssignment, id: number): void {
    this.acceptProxy = plan.acceptProxy;
    this.id = id;
    this.#tls = plan.tls;
    this.#key = secrets === null ? "" : secrets.key;
    if (secrets !== null) this.recertify(secrets);
    else this.#answerWith(null, -1);
  }

  /** These may be its new certificates. */
  recertify(secrets: BindSecrets): void {
    const { key, stamp, material, id, sessions } = secrets;
    if (this.#tls === null || key !== this.#key || stamp === this.#stamp) return;
    const { calls } = this.#plane.tls.layer;
    const cache = sessions === null ? null : new SessionCache(sessions);
    this.#answerWith(new ServerContexts(this.#tls, material, id, cache, calls), stamp);
  }

  #answerWith(contexts: ServerContexts | null, stamp: number): void {
    this.#contexts?.drop();
    this.#contexts = contexts;
    this.#stamp = stamp;
  }

  /** Stops listening; until onClosed it may still accept. */
  close(): void {
    if (!this.#opening) this.#plane.unsettled();
    this.listener.close();
  }

  admit(_listener: Listener): boolean {
    return this.#frontend.enter();
  }

  unadmit(_listener: Listener): void {
    this.#frontend.leave();
  }

  onAccept(listener: Listener, connection: Connection): void {
    const { board } = this.#plane;
    board.frontends.count(this.#frontend.row, frontendField.sessions, 1);
    const SessionOf = this.#frontend.http === null ? TcpSession : HttpSession;
    const contexts = this.#contexts;
    const tls = contexts === null ? null : this.#plane.tls.layer.accept(connection, contexts);
    const client = tls ?? connection;
    const session = new SessionOf(this.#plane, this.#frontend, client, listener.address, this.id);
    session.start(this.acceptProxy, tls);
  }

  onListening(listener: Listener): void {
    this.#opening = false;
    this.#plane.reports.tell({
      level: "debug",
      message: "listening",
      fields: { frontend: this.#frontend.name, address: formatAddress(listener.address) },
    });
    this.#plane.settled();
  }

  onListenFail(listener: Listener, _reason: Reason, message: string): void {
    const { name } = this.#frontend;
    const address = formatAddress(listener.address);
    this.#opening = false;
    this.#frontend.forget(this);
    this.#plane.reports.tell({
      level: "error",
      message: `frontend ${name} cannot listen on ${address}: ${message}`,
      fields: { frontend: name, address },
    });
    this.#plane.settled();
  }

  onExhausted(listener: Listener, message: string): void {
    this.#plane.board.frontends.count(this.#frontend.row, frontendField.exhausted, 1);
    this.#plane.reports.exhausted(this.#frontend, listener, message);
    this.#plane.http.pools.shedAll();
  }

  onClosed(_listener: Listener): void {
    this.#answerWith(null, -1);
    this.#plane.settled();
  }
}
