// CRC-32C (Castagnoli; RFC 4960 appendix B), which the checksum TLV of a version 2 header holds.
// Node's zlib has the other polynomial only. One byte at a time is enough for 4 KiB at most.

const table: Uint32Array = new Uint32Array(256);
for (let byte = 0; byte < 256; byte++) {
  let remainder = byte;
  for (let bit = 0; bit < 8; bit++) {
    remainder = remainder & 1 ? (remainder >>> 1) ^ 0x82f63b78 : remainder >>> 1;
  }
  table[byte] = remainder;
}

/**
 * The checksum of `bytes[start..end)` as an unsigned number, with the four bytes at `hole` counted
 * as zeros: that is where the checksum itself stands. A negative hole: none.
 */
export function crc32c(bytes: Uint8Array, start: number, end: number, hole: number): number {
  let remainder = 0xffff_ffff;
  for (let i = start; i < end; i++) {
    const byte = hole >= 0 && i >= hole && i < hole + 4 ? 0 : (bytes[i] ?? 0);
    remainder = (table[(remainder ^ byte) & 0xff] ?? 0) ^ (remainder >>> 8);
  }
  return (remainder ^ 0xffff_ffff) >>> 0;
}
