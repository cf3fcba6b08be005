// What may stand where in a chunked body, apart from its data: RFC 9112 section 7.1 as a table, a row
// of 256 next states for each state. body-reader.ts walks it byte by byte and does the counting.
// Stricter than the RFC in one thing: no white space around `;` and `=` of extensions ("bad" white
// space, which none may send and which others read in other ways).
import { hexValue, inFieldValue, tokenLower } from "../characters.ts";
import { Fault } from "./fault.ts";

export const ChunkState = {
  /** In the table: this byte may not stand here. */
  bad: 0,
  sizeStart: 1,
  size: 2,
  /** Between a size line's CR and LF. */
  sizeLineEnd: 3,
  /** Data of a chunk, or of a body of another kind: not in the table. */
  data: 4,
  dataEnd: 5,
  dataLineEnd: 6,
  trailerStart: 7,
  trailerName: 8,
  trailerValue: 9,
  trailerLineEnd: 10,
  lastLineEnd: 11,
  done: 12,
  /** From here on: in an extension. */
  extensionStart: 13,
  extensionName: 14,
  extensionValueStart: 15,
  extensionValue: 16,
  extensionQuoted: 17,
  extensionEscaped: 18,
  extensionQuotedEnd: 19,
} as const;

const states = 20;

/** Next state. Index: state * 256 + byte. */
export const nextChunkState: Uint8Array = new Uint8Array(states * 256);

/** What it is if a byte does not fit. Index: state. */
export const chunkFaults: Uint8Array = new Uint8Array(states).fill(Fault.chunkSize);

function row(state: number, fault: Fault, next: (byte: number) => number): void {
  chunkFaults[state] = fault;
  for (let byte = 0; byte < 256; byte++) nextChunkState[state * 256 + byte] = next(byte);
}

function only(wanted: number, then: number): (byte: number) => number {
  return (byte) => (byte === wanted ? then : ChunkState.bad);
}

const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const quote = 0x22;
const colon = 0x3a;
const semicolon = 0x3b;
const equals = 0x3d;
const backslash = 0x5c;

/** What follows a size or a whole extension. */
function behindSize(byte: number): number {
  if (byte === carriageReturn) return ChunkState.sizeLineEnd;
  return byte === semicolon ? ChunkState.extensionStart : ChunkState.bad;
}

function isToken(byte: number): boolean {
  return tokenLower[byte] !== 0;
}

row(ChunkState.sizeStart, Fault.chunkSize, (byte) =>
  hexValue[byte] === 255 ? ChunkState.bad : ChunkState.size,
);
row(ChunkState.size, Fault.chunkSize, (byte) =>
  hexValue[byte] === 255 ? behindSize(byte) : ChunkState.size,
);
// Whether data or trailers follow, the reader knows.
row(ChunkState.sizeLineEnd, Fault.chunkSize, only(lineFeed, ChunkState.data));
row(ChunkState.dataEnd, Fault.chunkEnd, only(carriageReturn, ChunkState.dataLineEnd));
row(ChunkState.dataLineEnd, Fault.chunkEnd, only(lineFeed, ChunkState.sizeStart));
row(ChunkState.trailerStart, Fault.trailer, (byte) => {
  if (byte === carriageReturn) return ChunkState.lastLineEnd;
  return isToken(byte) ? ChunkState.trailerName : ChunkState.bad;
});
row(ChunkState.trailerName, Fault.trailer, (byte) => {
  if (byte === colon) return ChunkState.trailerValue;
  return isToken(byte) ? ChunkState.trailerName : ChunkState.bad;
});
row(ChunkState.trailerValue, Fault.trailer, (byte) => {
  if (byte === carriageReturn) return ChunkState.trailerLineEnd;
  return inFieldValue[byte] === 1 ? ChunkState.trailerValue : ChunkState.bad;
});
row(ChunkState.trailerLineEnd, Fault.trailer, only(lineFeed, ChunkState.trailerStart));
row(ChunkState.lastLineEnd, Fault.trailer, only(lineFeed, ChunkState.done));

row(ChunkState.extensionStart, Fault.chunkExtension, (byte) =>
  isToken(byte) ? ChunkState.extensionName : ChunkState.bad,
);
row(ChunkState.extensionName, Fault.chunkExtension, (byte) => {
  if (isToken(byte)) return ChunkState.extensionName;
  return byte === equals ? ChunkState.extensionValueStart : behindSize(byte);
});
row(ChunkState.extensionValueStart, Fault.chunkExtension, (byte) => {
  if (byte === quote) return ChunkState.extensionQuoted;
  return isToken(byte) ? ChunkState.extensionValue : ChunkState.bad;
});
row(ChunkState.extensionValue, Fault.chunkExtension, (byte) =>
  isToken(byte) ? ChunkState.extensionValue : behindSize(byte),
);
row(ChunkState.extensionQuoted, Fault.chunkExtension, (byte) => {
  if (byte === quote) return ChunkState.extensionQuotedEnd;
  if (byte === backslash) return ChunkState.extensionEscaped;
  return inFieldValue[byte] === 1 ? ChunkState.extensionQuoted : ChunkState.bad;
});
row(ChunkState.extensionEscaped, Fault.chunkExtension, (byte) =>
  inFieldValue[byte] === 1 ? ChunkState.extensionQuoted : ChunkState.bad,
);
row(ChunkState.extensionQuotedEnd, Fault.chunkExtension, behindSize);
