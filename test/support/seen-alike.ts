// What two readers of one message must see alike, however each of them writes it down.
import type { ReadMessage } from "./message-reading.ts";
import type { NodeMessage } from "./node-parser.ts";

/** What a comparison of many messages has found. */
export interface Tally {
  accepted: number;
  refused: number;
  /** Why the other one refused what we accept. */
  readonly stricter: Set<string>;
  readonly disagreements: unknown[];
}

export function newTally(): Tally {
  return { accepted: 0, refused: 0, stricter: new Set(), disagreements: [] };
}

/** Equal texts: the same message. `hasBody`: both have something to say about its body. */
export function seen(message: ReadMessage | NodeMessage, hasBody: boolean): string {
  const { line, minor, fields, body, trailers, complete } = message;
  const names = trailers.map((trailer) => trailer.replace(/:[ \t]*(.*?)[ \t]*$/, ": $1"));
  return JSON.stringify(
    hasBody ? { line, minor, fields, body, names, complete } : { line, minor, fields },
  );
}
