// A client's connection until OpenSSL has it: the hello is read first, because the server that it names
// decides which certificates it is answered with, and because whoever speaks no TLS is told so in
// words that it understands.
import { sslNew, sslSetAcceptState } from "../sys/openssl/session.ts";
import { takeError } from "../sys/openssl/error.ts";
import { type ClientHello, HelloState } from "./client-hello.ts";
import { refuse } from "./failing.ts";
import { receive } from "./receiving.ts";
import type { TlsConnection } from "./tls-connection.ts";
import { TlsPhase } from "./tls-phase.ts";

/** A fatal alert in clear (RFC 8446 section 6). */
function alert(description: number): Uint8Array {
  return Uint8Array.of(21, 3, 3, 0, 2, 2, description);
}

const decodeError = alert(50);
const internalError = alert(80);
const unrecognizedName = alert(112);

const plainHttp = "This is a port for HTTPS, and the request came in plain HTTP.\n";
const plainHttpAnswer = Buffer.from(
  `HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\n` +
    `Content-Length: ${plainHttp.length}\r\nConnection: close\r\n\r\n${plainHttp}`,
  "latin1",
);
const nothing = new Uint8Array(0);

/** Its hello is read from here on; of one that waited for others, from its beginning. */
export function awaitHello(of: TlsConnection): void {
  of.phase = TlsPhase.hello;
  of.transport.resume();
}

/** Bytes of a client that has not said its hello whole. */
export function helloData(of: TlsConnection, received: Uint8Array, from: number, to: number): void {
  let bytes = received;
  let start = from;
  let end = to;
  if (of.opening !== null) {
    bytes = Buffer.concat([of.opening, received.subarray(from, to)]);
    start = 0;
    end = bytes.length;
    of.opening = null;
  }
  // All bytes so far are here, so nothing of it is kept between them.
  const { hello } = of.layer;
  hello.reset();
  const state = hello.parse(bytes, start, end);
  if (state === HelloState.needMore) of.opening = bytes.slice(start, end);
  else if (state === HelloState.notTls) refuseOther(of, bytes, start, end);
  else if (state === HelloState.malformed) refuse(of, hello.problem, decodeError);
  else if (of.layer.gate.enter(of)) accept(of, hello, bytes, start, end);
  else {
    of.phase = TlsPhase.waiting;
    of.transport.pause();
    of.transport.unread(bytes, start, end);
    of.layer.gate.wait(of);
  }
}

function accept(
  of: TlsConnection,
  hello: ClientHello,
  bytes: Uint8Array,
  start: number,
  end: number,
): void {
  const { layer } = of;
  const context = of.contexts === null ? 0 : of.contexts.choose(hello.sni);
  of.sni = hello.sni;
  of.offered = hello.alpn;
  if (context === 0) {
    const named =
      hello.sni === "" ? "the client names no server" : `no certificate for ${hello.sni}`;
    refuse(of, named, unrecognizedName);
    return;
  }
  of.ssl = sslNew(context);
  if (of.ssl === 0) {
    refuse(of, takeError(), internalError);
    return;
  }
  layer.count(1);
  layer.records.attach(of.ssl);
  sslSetAcceptState(of.ssl);
  of.phase = TlsPhase.handshake;
  receive(of, bytes, start, end);
}

/** It speaks something else. */
function refuseOther(of: TlsConnection, bytes: Uint8Array, start: number, end: number): void {
  if (isHttp(bytes, start, end)) refuse(of, "plain HTTP on a TLS port", plainHttpAnswer);
  else refuse(of, "the client speaks no TLS", nothing);
}

/** A method, a space and a path: capital letters first. */
function isHttp(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end && at < start + 16; at++) {
    const byte = bytes[at] ?? 0;
    if (byte === 0x20) return at > start + 2;
    if (byte < 0x41 || byte > 0x5a) return false;
  }
  return end - start >= 3;
}
