// From a client that is known to its backend: the first route of its frontend that fits has the session,
// else the frontend's own backend, else it is closed. inspecting.ts calls it when the TLS names are known,
// or when nobody waits for them any longer. Backends are those of the plan in force, whenever it came.
import { formatAddress } from "../../config/address.ts";
import { HelloState } from "../../tls/client-hello.ts";
import { startConnecting } from "../dispatch/connecting.ts";
import { replan } from "../dispatch/replanning.ts";
import { SessionState } from "../session/session-state.ts";
import { Ended, Phase } from "../termination.ts";
import { noAlpn } from "./tcp-router.ts";
import type { TcpSession } from "./tcp-session.ts";

/** By `session.sni` and `session.alpn`, whoever found them, and by its client's address. */
export function routeSession(session: TcpSession): void {
  const { plane, dispatch } = session;
  const name = choose(session);
  if (name === "") {
    refuse(session);
    return;
  }
  const backend = plane.backend(name);
  if (backend === null) {
    // Its frontend is gone, and so is this backend.
    session.abort(Ended.killed, Phase.request);
    return;
  }
  session.hello = null;
  session.state = SessionState.dispatching;
  dispatch.renew(backend);
  dispatch.enter();
  startConnecting(dispatch);
}

/** Whether a client that tells nothing would be served. */
export function servesUnknown({ frontend, clientAddress }: TcpSession): boolean {
  const router = frontend.tcp;
  return router !== null && router.backendOf(router.find("", noAlpn, clientAddress)) !== "";
}

/** A new plan is in force. Who has no backend yet is routed by it when the time comes. */
export function replanSession(session: TcpSession): void {
  const { state, plane, dispatch } = session;
  if (state === SessionState.dispatching) {
    const name = nextBackend(session);
    replan(dispatch, name === "" ? null : plane.backend(name));
  } else if (state <= SessionState.inspecting && !isLeft(session)) {
    session.abort(Ended.killed, session.phase());
  }
}

/**
 * It keeps its backend as long as its frontend may lead there, and is not drawn for anew: who waits
 * would lose its place in the queue.
 */
function nextBackend(session: TcpSession): string {
  const { name } = session.dispatch.backend;
  const { frontend, plane } = session;
  const { failedOver } = session.dispatch;
  const known = plane.backend(name) !== null;
  if (known && (failedOver || frontend.tcp?.backends.has(name) === true)) return name;
  const next = choose(session);
  return next === "" && frontend.tcp !== null && known ? name : next;
}

/** Any of the backends that its frontend leads to. */
function isLeft({ frontend, plane }: TcpSession): boolean {
  if (frontend.tcp === null) return false;
  for (const name of frontend.tcp.backends) if (plane.backend(name) !== null) return true;
  return false;
}

/** The name of its backend; empty: nobody takes it. */
function choose(session: TcpSession): string {
  const router = session.frontend.tcp;
  if (router === null) return "";
  const route = router.find(session.sni, session.alpn, session.clientAddress);
  const name = router.backendOf(route);
  if (name !== "") session.route = route === null ? "" : route.name;
  return name;
}

/** No route takes it, and there is no backend for the rest. */
function refuse(session: TcpSession): void {
  const { hello, dispatch, plane, frontend, client } = session;
  if (hello !== null && hello.state === HelloState.needMore) {
    if (!session.clientEnded) dispatch.reason = "no TLS hello within timeout.clientHs";
    session.abort(session.clientEnded ? Ended.client : Ended.clientTimeout, Phase.request);
    return;
  }
  const problem = `no route for ${described(session)}`;
  dispatch.reason = problem;
  plane.reports.tell({
    level: "debug",
    message: `frontend ${frontend.name} refused a connection: ${problem}`,
    fields: { frontend: frontend.name, peer: formatAddress(client.remote) },
  });
  session.abort(Ended.proxy, Phase.request);
}

function described({ hello, sni, tls }: TcpSession): string {
  if (sni !== "") return `the server name ${sni}`;
  if (hello !== null && hello.state === HelloState.notTls) return "a client that speaks no TLS";
  if (hello !== null && hello.state === HelloState.malformed) {
    return `a client whose TLS hello is malformed: ${hello.problem}`;
  }
  return hello === null && tls === null ? "this client" : "a client that names no server";
}
