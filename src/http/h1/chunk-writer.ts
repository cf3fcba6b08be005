// The framing of a chunked body that we write ourselves: around data that came without chunks, or was
// taken out of them.
import { writeHex } from "./digits.ts";

/** Behind each chunk's data. */
export const chunkEnd: Uint8Array = Uint8Array.of(0x0d, 0x0a);
/** Ends a body without trailers. */
export const lastChunk: Uint8Array = Uint8Array.of(0x30, 0x0d, 0x0a, 0x0d, 0x0a);
/** What writeChunkHead() may need: 2^53 in digits, and a line end. */
export const chunkHeadMax = 16;

/** The line before `size` bytes of data, which are more than 0: 0 would end the body. */
export function writeChunkHead(size: number, out: Uint8Array, start: number): number {
  let at = writeHex(size, out, start);
  out[at++] = 0x0d;
  out[at++] = 0x0a;
  return at;
}
