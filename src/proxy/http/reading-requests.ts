// What an HTTP/1.1 client sends, read as far as it can be served now: heads, bodies, and what comes
// before its turn. Called by its session with the bytes as they arrive; they are the reactor's.
import { isFault, Parsed } from "../../http/h1/fault.ts";
import { HeadProgress } from "../../http/h1/head-progress.ts";
import { beginExchange } from "./beginning.ts";
import { ClientLimit, limitClient } from "./client-limits.ts";
import type { Exchange } from "./exchange.ts";
import type { HttpSession } from "./http-session.ts";
import { KeptBytes } from "./kept-bytes.ts";
import { isBodyTooLarge, refuseBody, refuseHead, refuseLargeBody } from "./refusing.ts";

/** Requests of one client that are answered in one turn: others wait for these at most. */
const requestsPerTurn = 64;

/** Bytes of a head, or of more than one. */
export function readHead(
  session: HttpSession,
  bytes: Uint8Array,
  start: number,
  end: number,
): void {
  const { ahead } = session;
  if (ahead === null) {
    readHeads(session, bytes, start, end, null);
    return;
  }
  ahead.append(bytes, start, end);
  readAhead(session);
}

/** An exchange is over, or its client has taken the rest of it now. */
export function readNext(session: HttpSession): void {
  const { client } = session;
  if (client.unsent > 0) {
    // Who does not take answers gets no more of them, or they would pile up here.
    client.pause();
    limitClient(session, ClientLimit.client);
    return;
  }
  limitClient(session, ClientLimit.keepAlive);
  if (session.reading || session.postponed) return;
  readAhead(session);
  const { exchange } = session;
  if (session.postponed) return;
  // While nothing waits for its turn, the client's end must be heard during an exchange too.
  const hears = exchange === null || (session.ahead === null && exchange.request.done);
  if (hears && client.unsent === 0) client.resume();
}

/** What was kept until now. */
function readAhead(session: HttpSession): void {
  const { ahead } = session;
  if (ahead === null) return;
  session.ahead = null;
  readHeads(session, ahead.bytes, 0, ahead.length, ahead);
}

/** `from`: they are kept there; null: they are the reactor's. */
function readHeads(
  session: HttpSession,
  bytes: Uint8Array,
  start: number,
  end: number,
  from: KeptBytes | null,
): void {
  const { http } = session;
  const { requests } = http;
  let at = start;
  let left = requestsPerTurn;
  session.reading = true;
  while (at < end && session.exchange === null && !session.closing && session.client.unsent === 0) {
    if (left-- === 0) {
      http.postponed.add(session);
      break;
    }
    // A plan that came meanwhile rules from this request on.
    session.renewSettings();
    http.release();
    requests.limits = session.settings.limits;
    const verdict = requests.parse(bytes, at, end, session.progress);
    if (verdict === Parsed.needMore) {
      session.progress ??= new HeadProgress();
      if (session.headStartMs < 0) session.headStartMs = session.plane.reactor.nowMs;
      if (session.limit !== ClientLimit.head) limitClient(session, ClientLimit.head);
      // Of what was kept already nothing must be copied.
      if (from !== null && at === 0) session.ahead = from;
      break;
    }
    session.progress = null;
    if (isFault(verdict)) {
      refuseHead(session, verdict);
      break;
    }
    session.requests++;
    limitClient(session, ClientLimit.none);
    at = beginExchange(session, requests.head, bytes, end);
  }
  session.reading = false;
  if (at < end && session.ahead === null && !session.lingering && !session.client.closed) {
    keepAhead(session, bytes, at, end);
  }
}

export function readBody(
  session: HttpSession,
  exchange: Exchange,
  bytes: Uint8Array,
  start: number,
  end: number,
): void {
  const { request } = exchange;
  const at = request.read(bytes, start, end);
  if (request.fault !== 0) {
    refuseBody(exchange, request.fault);
    return;
  }
  if (isBodyTooLarge(exchange)) {
    refuseLargeBody(exchange);
    return;
  }
  limitClient(session, request.done ? ClientLimit.none : ClientLimit.client);
  // Another request is behind it: it must be there before this one can be over.
  if (at < end) keepAhead(session, bytes, at, end);
  if (at > start) exchange.onRequestData(bytes, start, at);
}

/** Its turn has not come. No more of them are taken from the kernel until then. */
export function keepAhead(
  session: HttpSession,
  bytes: Uint8Array,
  start: number,
  end: number,
): void {
  session.ahead ??= new KeptBytes();
  session.ahead.append(bytes, start, end);
  if (session.exchange !== null) session.client.pause();
}
