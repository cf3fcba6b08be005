// A second chance, unseen by the client: as long as nothing of a response has reached it, a request that
// may be sent twice goes to a server again. An idle connection that was dead when it was used costs
// nobody anything: that request goes out again at once, on a fresh one.
import type { Reason } from "../../reactor/reactor.ts";
import { reasonNames, Reason as Reasons } from "../../reactor/reactor.ts";
import { backendField, serverField } from "../../scoreboard/fields.ts";
import type { Server } from "../dispatch/backend.ts";
import {
  Attempt,
  connectFailed,
  connectRefused,
  connectTo,
  placeAndConnect,
} from "../dispatch/connecting.ts";
import { DispatchState } from "../dispatch/dispatch-state.ts";
import { sessionBroken } from "../dispatch/outcome.ts";
import { exclude } from "../dispatch/placing.ts";
import { Ended, Phase } from "../termination.ts";
import { answerError } from "./answering.ts";
import { clientLost } from "./ending.ts";
import { failureText } from "../tls/failure-text.ts";
import type { Exchange } from "./exchange.ts";
import { ExchangeState } from "./exchange-state.ts";
import { headDeadlineMs, serverDeadlineMs, serverLimitMs } from "./requesting.ts";
import { Cause } from "./retry-rules.ts";

/** Begins another attempt, if that is wanted, safe and worth it. False: the client is to hear of it. */
export function retry(exchange: Exchange, cause: Cause, status: number): boolean {
  const { dispatch, http } = exchange;
  const { backend } = dispatch;
  if (!backend.retryRules.wants(cause, status)) return false;
  if (!exchange.repeatable) return false;
  if (dispatch.attempts > backend.retryRules.attempts) return false;
  if (!backend.retryRules.spend(http.plane.reactor.nowMs)) return false;
  http.plane.board.backends.count(backend.row, backendField.httpRetries, 1);
  exchange.server?.abort();
  exchange.server = null;
  exchange.state = ExchangeState.dispatching;
  dispatch.failed = dispatch.target;
  dispatch.failedLast = true;
  if (backend.redispatch) exclude(dispatch, dispatch.targetIndex);
  dispatch.leaveServer();
  placeAndConnect(dispatch);
  return true;
}

/** The server's connection has ended (0) or failed before the response was complete. */
export function serverGone(exchange: Exchange, reason: Reason | 0): void {
  const { dispatch, server } = exchange;
  exchange.dispatch.reason = reason === 0 ? "closed" : serverFailure(exchange, reason);
  server?.close();
  exchange.server = null;
  if (reason === Reasons.handlerError) {
    clientLost(exchange, Ended.internal);
    return;
  }
  if (dispatch.state === DispatchState.connecting) {
    const attempt = connectRefused(reason === 0 ? Reasons.reset : reason);
    if (attempt === Attempt.exhausted) exchange.http.pools.shed();
    connectFailed(dispatch, attempt);
    return;
  }
  if (exchange.state >= ExchangeState.responding) {
    clientLost(exchange, Ended.server);
    return;
  }
  const answered = server !== null && server.answered;
  if (exchange.reused && !answered && exchange.repeatable && exchange.idempotent) {
    again(exchange);
    return;
  }
  if (dispatch.target !== null) sessionBroken(dispatch, dispatch.target);
  if (retry(exchange, answered ? Cause.junkResponse : Cause.emptyResponse, 0)) return;
  answerError(exchange, 502, Ended.server, Phase.headers);
}

/** The same server, and a connection of its own: this was no attempt. */
function again(exchange: Exchange): void {
  const { dispatch, http } = exchange;
  const { row } = dispatch.target as Server;
  http.plane.board.servers.count(row, serverField.replays, 1);
  exchange.wantsFresh = true;
  exchange.state = ExchangeState.dispatching;
  dispatch.attempts--;
  connectTo(dispatch, dispatch.targetIndex);
}

/** The timer of the server's silence has fired. */
export function serverTimerFired(exchange: Exchange): void {
  const { state, http, timer } = exchange;
  if (state !== ExchangeState.waiting && state !== ExchangeState.responding) {
    return;
  }
  const deadlineMs = serverDeadlineMs(exchange);
  if (deadlineMs === Infinity) return;
  const { nowMs } = http.plane.reactor;
  // A client that is sending, or that does not take what it gets, is not the server's fault.
  const { request, session, server } = exchange;
  const taken = server === null || server.connection.unsent === 0;
  const held = (!request.done && taken) || session.client.unsent > 0;
  if (deadlineMs > nowMs || held) {
    timer.arm(held ? serverLimitMs(exchange) : deadlineMs - nowMs);
    return;
  }
  const headLate = headDeadlineMs(exchange) <= nowMs;
  exchange.server?.abort();
  exchange.server = null;
  exchange.dispatch.reason = headLate
    ? "no whole head within retry.perTryTimeout"
    : "no answer within timeout.server";
  if (state === ExchangeState.responding) {
    clientLost(exchange, Ended.serverTimeout);
    return;
  }
  if (exchange.dispatch.target !== null) sessionBroken(exchange.dispatch, exchange.dispatch.target);
  if (retry(exchange, Cause.responseTimeout, 0)) return;
  answerError(exchange, 504, Ended.serverTimeout, Phase.headers);
}

function serverFailure({ server }: Exchange, reason: Reason): string {
  return server === null ? (reasonNames[reason] ?? "") : failureText(server.connection, reason);
}
