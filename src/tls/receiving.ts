// What a peer's records hold, to the owner or to where the owner has it forwarded. Records that cannot
// be delivered now are given back to the transport unopened: so nothing in clear is kept here, and a
// peer that sends more than is wanted is held back by TCP as it would be without TLS.
import { type Connection, Reason } from "../reactor/reactor.ts";
import { takeError } from "../sys/openssl/error.ts";
import {
  SSL_ERROR_WANT_READ,
  SSL_ERROR_ZERO_RETURN,
  sslGetError,
  sslPending,
} from "../sys/openssl/session.ts";
import { failed } from "./failing.ts";
import { shakeHands } from "./handshaking.ts";
import type { TlsConnection } from "./tls-connection.ts";
import { TlsPhase } from "./tls-phase.ts";

/** More than a record can hold. */
const unlimited = 1 << 20;

/** Bytes of the peer, from its hello on. */
export function receive(of: TlsConnection, bytes: Uint8Array, start: number, end: number): void {
  if (of.peerEnded) return;
  const { records } = of.layer;
  records.give(of, bytes, start, end);
  try {
    if (of.phase !== TlsPhase.handshake || shakeHands(of)) readRecords(of);
    if (of.memorable > 0 && of.phase === TlsPhase.open) remember(of);
  } finally {
    records.done();
  }
}

/** Its session, for the next connection to the same server. */
export function remember(of: TlsConnection): void {
  of.memorable = of.client?.remember(of.ssl) === true ? 0 : of.memorable - 1;
}

function readRecords(of: TlsConnection): void {
  const { records } = of.layer;
  while (of.phase === TlsPhase.open) {
    if (of.paused || !mayDeliver(of)) {
      giveBack(of);
      return;
    }
    const most = of.sink === null ? unlimited : of.toForward;
    const length = records.open(of.ssl, most, of.transport);
    if (length <= 0) {
      stopped(of, length);
      return;
    }
    deliver(of, length);
    if (!records.pending && (length < most || of.phase !== TlsPhase.open)) return;
  }
}

/** False when the sink is full: it says when it is not. */
function mayDeliver(of: TlsConnection): boolean {
  const { sink } = of;
  if (sink === null) return true;
  if (sink.established && sink.unsent === 0 && !sink.failing) return true;
  of.held = true;
  sink.awaitedBy(of);
  return false;
}

/** It comes again when it is wanted. */
function giveBack(of: TlsConnection): void {
  const { transport, layer } = of;
  transport.pause();
  const rest = layer.records.rest();
  if (rest !== null) transport.unread(rest, 0, rest.length);
  else if (sslPending(of.ssl) > 0) transport.unread(layer.records.bytes, 0, 0);
}

function deliver(of: TlsConnection, length: number): void {
  const { sink, layer } = of;
  const { bytes, clearStart } = layer.records;
  if (sink === null) {
    of.handler.onData(of, bytes, clearStart, clearStart + length);
    return;
  }
  if (!sink.write(bytes, clearStart, clearStart + length)) sink.awaitedBy(of);
  of.toForward -= length;
  if (of.toForward <= 0) of.sink = null;
  of.handler.onForward(of, length);
}

/** There is no whole record, or it is over. */
function stopped(of: TlsConnection, result: number): void {
  const error = sslGetError(of.ssl, result);
  if (error === SSL_ERROR_WANT_READ) return;
  if (error === SSL_ERROR_ZERO_RETURN) {
    of.peerEnded = true;
    of.handler.onEnd(of);
    return;
  }
  failed(of, takeError());
}

/** The peer's FIN. */
export function finReceived(of: TlsConnection): void {
  if (of.phase === TlsPhase.clear) {
    of.handler.onEnd(of);
  } else if (of.phase !== TlsPhase.open) {
    of.problem = "the connection was closed during the handshake";
    of.transport.close();
    of.release();
    of.handler.onFail(of, Reason.tls);
  } else if (!of.peerEnded) {
    of.peerEnded = true;
    of.truncated = true;
    of.handler.onEnd(of);
  }
}

/** Whether `connection` ended in a way that somebody else could have brought about. */
export function isTruncated(connection: Connection): boolean {
  return "truncated" in connection && connection.truncated === true;
}
