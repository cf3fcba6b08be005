// A conversation with a server, without its socket: what to say, and what the answer means so far.
// stream-probe.ts runs one over a connection; tcp-probe.ts and http-probe.ts are the two kinds.

/** The end of a conversation. */
export interface Verdict {
  readonly ok: boolean;
  readonly text: string;
}

/** More than this of an answer is never kept. */
export const receivedBytesMax: number = 64 * 1024;

/** One conversation over one connection. Text is bytes: one character each (latin1). */
export interface Dialogue {
  /** The connection stands, or more was received. Null: it waits for more. */
  next(received: string, say: (bytes: Uint8Array | string) => void): Verdict | null;
  /** The server has sent its last byte, which next() has seen: null is no answer here. */
  ended(): Verdict;
  /** What was missing when time ran out: `no answer`, `no end of the header`. */
  missing(): string;
}
