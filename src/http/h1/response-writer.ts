// Writes the head of a response for an HTTP/1.1 client, whatever version it came in: status, fields as
// they are now, framing and Connection anew. What head.body and head.contentLength say is what must
// follow. Also for responses of our own: a head with a status and added fields only.
import { BodyKind } from "../body-kind.ts";
import type { ResponseHead } from "../response-head.ts";
import { writeDecimal } from "./digits.ts";
import {
  ConnectionField,
  endMax,
  writeEnd,
  writeFields,
  writeLine,
  writeUpgrade,
} from "./field-writer.ts";

const version = Uint8Array.from(Buffer.from("HTTP/1.1 ", "latin1"));
const space = 0x20;
const one = 0x31;

/**
 * Writes into `out` from `at` on, and gives where the head ends; -1: there may be no room, some bytes
 * to spare included.
 */
export function writeResponse(
  head: ResponseHead,
  body: BodyKind,
  connection: ConnectionField,
  out: Uint8Array,
  at: number,
): number {
  const limit = out.length - endMax;
  let stop: number;
  if (isAsWritten(head)) {
    stop = writeFields(head, head.start, head.reasonEnd, out, at, limit);
  } else {
    stop = writeStatusLine(head, out, at, limit);
    if (stop >= 0) stop = writeFields(head, 0, 0, out, stop, limit);
  }
  if (stop >= 0 && connection === ConnectionField.upgrade)
    stop = writeUpgrade(head, out, stop, limit);
  if (stop < 0) return -1;
  const saysLength = body === BodyKind.length || body === BodyKind.none;
  const length = saysLength ? head.contentLength : -1;
  return writeEnd(body, length, connection, false, out, stop);
}

/** Whether the status line may be sent as it came: `HTTP/1.1 200 `, and a reason or none. */
function isAsWritten(head: ResponseHead): boolean {
  const { bytes, start, status } = head;
  if (head.minor !== 1 || head.reasonStart !== start + version.length + 4) return false;
  if (bytes[start + version.length - 2] !== one) return false;
  const digits = start + version.length;
  const written =
    (bytes[digits] as number) * 100 +
    (bytes[digits + 1] as number) * 10 +
    (bytes[digits + 2] as number);
  return written - 0x30 * 111 === status;
}

function writeStatusLine(head: ResponseHead, out: Uint8Array, at: number, limit: number): number {
  if (at + version.length + 4 > limit) return -1;
  for (let i = 0; i < version.length; i++) out[at + i] = version[i] as number;
  const stop = writeDecimal(head.status, out, at + version.length);
  out[stop] = space;
  return writeLine(head.bytes, head.reasonStart, head.reasonEnd, out, stop + 1, limit);
}
