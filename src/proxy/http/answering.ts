// Answers of our own: what a route says, or what went wrong. One write, and the exchange is over. A
// client that is still sending gets the time to read them.
import { Method } from "../../http/request-head.ts";
import type { Ended, Phase } from "../termination.ts";
import { endExchange } from "./ending.ts";
import type { Exchange } from "./exchange.ts";
import { AnswerConnection } from "./rewriting/answer-bytes.ts";
import { countStatus } from "./status-count.ts";
import type { LocalAnswer } from "./rewriting/local-answer.ts";

export function answer(exchange: Exchange, local: LocalAnswer, ended: Ended, phase: Phase): void {
  const { session, http } = exchange;
  const { client } = session;
  if (!exchange.request.done) {
    // What follows of the body is not worth waiting for.
    exchange.persistent = false;
    session.linger();
  }
  if (session.plane.stopping) exchange.persistent = false;
  const context = http.context.of(exchange);
  local.prepare(connectionOf(exchange), exchange.method === Method.head, context, Date.now());
  exchange.status = local.status;
  countStatus(exchange, local.status);
  exchange.bytesOut = local.end;
  client.write(local.bytes, 0, local.end);
  endExchange(exchange, ended, phase);
}

function connectionOf({ persistent, chunks }: Exchange): AnswerConnection {
  if (!persistent) return AnswerConnection.close;
  return chunks ? AnswerConnection.keep : AnswerConnection.keepAlive;
}

export function answerError(exchange: Exchange, status: number, ended: Ended, phase: Phase): void {
  answer(exchange, exchange.session.settings.errors.of(status), ended, phase);
}

/** No server could be found, or none in time. The client learns it by a status. */
export function abandonExchange(exchange: Exchange, ended: Ended, phase: Phase): void {
  exchange.server?.abort();
  exchange.server = null;
  answerError(exchange, 503, ended, phase);
}
