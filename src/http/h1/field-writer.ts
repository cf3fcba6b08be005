// The fields of a head as lines, for both writers: those that are not dropped, in their order. Fields
// that stood next to each other, untouched, are copied in one go. And the lines that are always made
// anew: framing and Connection, so that what is sent is framed from our own numbers.
import { BodyKind } from "../body-kind.ts";
import { known } from "../field-name.ts";
import { fieldCells, FieldFlag, type Head } from "../head.ts";
import { copyBytes } from "./copy.ts";
import { writeDecimal } from "./digits.ts";

/** What the Connection field says. */
export const ConnectionField = {
  /** Nothing: the connection goes on, as is usual in HTTP/1.1. */
  unsaid: 0,
  close: 1,
  /** For HTTP/1.0, where it is not usual. */
  keepAlive: 2,
  /** With the head's Upgrade fields. */
  upgrade: 3,
} as const;
export type ConnectionField = (typeof ConnectionField)[keyof typeof ConnectionField];

function line(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(`${text}\r\n`, "latin1"));
}

const contentLength = Uint8Array.from(Buffer.from("content-length: ", "latin1"));
const chunked = line("transfer-encoding: chunked");
const te = line("te: trailers");
/** Index: a ConnectionField. With TE, that must be named too (RFC 9110 section 10.1.4). */
const connections = ["", "close", "keep-alive", "upgrade"].map((option) =>
  option === "" ? new Uint8Array(0) : line(`connection: ${option}`),
);
const connectionsWithTe = ["te", "close, te", "keep-alive, te", "upgrade, te"].map((options) =>
  line(`connection: ${options}`),
);

/** More than writeEnd() may need: those lines, digits, and the empty line. */
export const endMax = 128;

const carriageReturn = 0x0d;
const lineFeed = 0x0a;
const colon = 0x3a;
const space = 0x20;

/** Copies from[start..end) and ends the line. -1: that goes beyond `limit`. */
export function writeLine(
  from: Uint8Array,
  start: number,
  end: number,
  out: Uint8Array,
  at: number,
  limit: number,
): number {
  if (at + end - start + 2 > limit) return -1;
  const stop = copyBytes(out, at, from, start, end);
  out[stop] = carriageReturn;
  out[stop + 1] = lineFeed;
  return stop + 2;
}

/**
 * Writes all fields, and before them, unless both are the same, the head's bytes[start..end): a line
 * that stood before them. -1: there is no room before `limit`.
 */
export function writeFields(
  head: Head,
  start: number,
  end: number,
  out: Uint8Array,
  at: number,
  limit: number,
): number {
  const { bytes, cells, flags } = head;
  let stop = at;
  let runStart = start;
  let runEnd = end;
  for (let i = 0; i < head.count; i++) {
    const flag = flags[i] as number;
    if ((flag & FieldFlag.dropped) !== 0) continue;
    const cell = i * fieldCells;
    const nameStart = cells[cell] as number;
    const valueEnd = cells[cell + 3] as number;
    // Where nothing stands between name and value, both are as they were added, or come from HTTP/2.
    const asLine = flag === 0 && cells[cell + 1] !== cells[cell + 2];
    if (asLine && nameStart === runEnd + 2 && runEnd > runStart) {
      runEnd = valueEnd;
      continue;
    }
    if (runEnd > runStart) {
      stop = writeLine(bytes, runStart, runEnd, out, stop, limit);
      if (stop < 0) return -1;
    }
    runStart = runEnd = 0;
    if (asLine) {
      runStart = nameStart;
      runEnd = valueEnd;
    } else {
      stop = writeField(head, i, out, stop, limit);
      if (stop < 0) return -1;
    }
  }
  return runEnd > runStart ? writeLine(bytes, runStart, runEnd, out, stop, limit) : stop;
}

/** One field, wherever it stands. -1: no room. */
function writeField(head: Head, i: number, out: Uint8Array, at: number, limit: number): number {
  const bytes = head.bytesOf(i);
  const nameStart = head.nameStart(i);
  const nameEnd = head.nameEnd(i);
  if (at + nameEnd - nameStart + 2 > limit) return -1;
  const stop = copyBytes(out, at, bytes, nameStart, nameEnd);
  out[stop] = colon;
  out[stop + 1] = space;
  return writeLine(bytes, head.valueStart(i), head.valueEnd(i), out, stop + 2, limit);
}

/** The Upgrade fields, which the parsers have dropped. -1: no room. */
export function writeUpgrade(head: Head, out: Uint8Array, at: number, limit: number): number {
  let stop = at;
  for (let i = 0; i < head.count && stop >= 0; i++) {
    if (head.ids[i] === known.upgrade.id && head.isDropped(i)) {
      stop = writeField(head, i, out, stop, limit);
    }
  }
  return stop;
}

/** Framing, Connection and the empty line: at most `endMax` bytes. `length` -1: none is said. */
export function writeEnd(
  body: BodyKind,
  length: number,
  connection: ConnectionField,
  trailers: boolean,
  out: Uint8Array,
  at: number,
): number {
  let stop = at;
  if (body === BodyKind.chunked) {
    stop = copyBytes(out, stop, chunked, 0, chunked.length);
  } else if (length >= 0) {
    stop = copyBytes(out, stop, contentLength, 0, contentLength.length);
    stop = writeDecimal(length, out, stop);
    out[stop++] = carriageReturn;
    out[stop++] = lineFeed;
  }
  const said = (trailers ? connectionsWithTe : connections)[connection] as Uint8Array;
  stop = copyBytes(out, stop, said, 0, said.length);
  if (trailers) stop = copyBytes(out, stop, te, 0, te.length);
  out[stop] = carriageReturn;
  out[stop + 1] = lineFeed;
  return stop + 2;
}
