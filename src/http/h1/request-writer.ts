// Writes the head of a request for an HTTP/1.1 server, whatever version it came in: the target that
// rewriting has made, fields as they are now, framing and Connection anew. What head.body and
// head.contentLength say is what must follow.
import { BodyKind } from "../body-kind.ts";
import { known } from "../field-name.ts";
import { Method, type RequestHead } from "../request-head.ts";
import { copyBytes } from "./copy.ts";
import {
  ConnectionField,
  endMax,
  writeEnd,
  writeFields,
  writeLine,
  writeUpgrade,
} from "./field-writer.ts";

const version = Uint8Array.from(Buffer.from("HTTP/1.1", "latin1"));
const hostName = Uint8Array.from(Buffer.from("host: ", "latin1"));
const slash = 0x2f;
const asterisk = 0x2a;
const question = 0x3f;
const space = 0x20;
const one = 0x31;

/**
 * Writes into `out` from `at` on, and gives where the head ends; -1: there may be no room, some bytes
 * to spare included. `host` is sent to a server if the client has named none, as HTTP/1.0 allows.
 */
export function writeRequest(
  head: RequestHead,
  connection: ConnectionField,
  host: Uint8Array,
  out: Uint8Array,
  at: number,
): number {
  const limit = out.length - endMax;
  const named = head.find(known.host) >= 0;
  const { methodStart, targetEnd } = head;
  let stop: number;
  if (named && isAsWritten(head)) {
    const lineEnd = targetEnd + 1 + version.length;
    stop = writeFields(head, methodStart, lineEnd, out, at, limit);
  } else {
    stop = writeRequestLine(head, out, at, limit);
    if (stop >= 0 && !named) stop = writeHost(head, host, out, stop, limit);
    if (stop >= 0) stop = writeFields(head, 0, 0, out, stop, limit);
  }
  if (stop >= 0 && connection === ConnectionField.upgrade)
    stop = writeUpgrade(head, out, stop, limit);
  if (stop < 0) return -1;
  const length = head.body === BodyKind.length ? head.contentLength : -1;
  return writeEnd(head.body, length, connection, head.acceptsTrailers, out, stop);
}

/** Whether the request line may be sent as it came. */
function isAsWritten(head: RequestHead): boolean {
  const { bytes, targetStart, targetEnd } = head;
  // Behind the target: ` HTTP/1.`, where a 2 would be taken for a 1 here and for another there.
  return (
    head.newTarget === null &&
    bytes[targetStart] === slash &&
    head.minor === 1 &&
    bytes[targetEnd + version.length] === one
  );
}

function writeRequestLine(head: RequestHead, out: Uint8Array, at: number, limit: number): number {
  const { bytes, methodStart, methodEnd, targetStart, targetEnd } = head;
  // The longest form there may be, a slash added.
  const targetLength = head.newTarget === null ? targetEnd - targetStart : head.newTarget.length;
  if (at + methodEnd - methodStart + targetLength + 3 > limit) return -1;
  let stop = copyBytes(out, at, bytes, methodStart, methodEnd);
  out[stop++] = space;
  stop = writeTarget(head, out, stop);
  out[stop++] = space;
  return writeLine(version, 0, version.length, out, stop, limit);
}

/** In the form that a server wants which is no proxy (RFC 9112 section 3.2.1). */
function writeTarget(head: RequestHead, out: Uint8Array, at: number): number {
  const { bytes, targetStart, targetEnd, newTarget } = head;
  if (newTarget !== null) return copyBytes(out, at, newTarget, 0, newTarget.length);
  const first = bytes[targetStart];
  if (first === slash || first === asterisk || head.method === Method.connect) {
    return copyBytes(out, at, bytes, targetStart, targetEnd);
  }
  let stop = at;
  const hasQuery = head.queryEnd > 0;
  if (head.pathStart === head.pathEnd) {
    // RFC 9112 section 3.2.4: to the server as a whole.
    out[stop++] = head.method === Method.options && !hasQuery ? asterisk : slash;
  } else {
    stop = copyBytes(out, stop, bytes, head.pathStart, head.pathEnd);
  }
  if (!hasQuery) return stop;
  out[stop++] = question;
  return copyBytes(out, stop, bytes, head.queryStart, head.queryEnd);
}

function writeHost(
  head: RequestHead,
  host: Uint8Array,
  out: Uint8Array,
  at: number,
  limit: number,
): number {
  if (at + hostName.length > limit) return -1;
  const stop = copyBytes(out, at, hostName, 0, hostName.length);
  return head.hostEnd > head.hostStart
    ? writeLine(head.bytes, head.hostStart, head.authorityEnd, out, stop, limit)
    : writeLine(host, 0, host.length, out, stop, limit);
}
