// What a request is hashed by, or sticks by.
import { hashBytes } from "../../balance/key-hash.ts";
import { noKey } from "../../balance/policy.ts";
import type { SessionKey } from "../../config/plan.ts";
import { text } from "../../http/head.ts";
import { Span } from "../../http/span.ts";
import type { StickKey } from "../../scoreboard/stick-key.ts";
import { addressHash, fillAddress } from "../dispatch/client-key.ts";
import type { Exchange } from "./exchange.ts";
import { compileRequestKey, type RequestKey } from "./persistence/request-key.ts";

/** By what the configuration says; the same few for as long as the process lives. */
const keys = new Map<SessionKey, RequestKey | null>();
/** Where the key at hand stands. */
const span = new Span();

export function requestKeyHash(exchange: Exchange, on: SessionKey): number {
  if (on === "source") return addressHash(exchange.clientAddress);
  return find(exchange, on) ? hashBytes(span.bytes, span.start, span.end) : noKey;
}

export function fillRequestKey(exchange: Exchange, key: StickKey, on: SessionKey): void {
  if (on === "source") fillAddress(key, exchange.clientAddress);
  else if (find(exchange, on)) key.setText(text(span.bytes, span.start, span.end));
  else key.clear();
}

/** What it sticks by, as its sticky table lists it; null: by nothing. */
export function stickKeyOf(exchange: Exchange): string | null {
  const { stick } = exchange.dispatch.backend;
  if (stick === null) return null;
  const { clientAddress } = exchange;
  if (stick.on === "source") return clientAddress.family === "unix" ? null : clientAddress.host;
  return find(exchange, stick.on) ? text(span.bytes, span.start, span.end) : null;
}

function find(exchange: Exchange, on: SessionKey): boolean {
  let key = keys.get(on);
  if (key === undefined) {
    key = compileRequestKey(on);
    keys.set(on, key);
  }
  return key !== null && key.find(exchange.http.requestOf(exchange), span);
}
