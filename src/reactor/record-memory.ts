// The memory that a reactor shares with those who compose or seal what it sends.

/**
 * Memory at a fixed address for TLS: `recordBytes` from `start` in an array that write() sends from
 * without a copy. Bytes that onData brings may be in the same array.
 */
export interface RecordMemory {
  readonly bytes: Uint8Array;
  readonly start: number;
  /** Of bytes[0]. */
  readonly address: number;
}

/** What a record of TLS may hold (RFC 8446 section 5.2), and room to spare. */
export const recordBytes: number = 18 * 1024;

/**
 * Bytes of Reactor.scratch: a head as large as a receive, what follows it, and heads that repeat
 * (http/h1/repeated-heads.ts). What is never touched takes no memory.
 */
export const scratchBytes: number = 576 * 1024;
