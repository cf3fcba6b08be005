// What two readers of one message must see alike, however each of them writes it down.
import type { ReadMessage } from "./message-reading.ts";
import type { NodeMessage } from "./node-parser.ts";

/** Equal texts: the same message. `hasBody`: both have something to say about its body. */
export function seen(message: ReadMessage | NodeMessage, hasBody: boolean): string {
  const { line, minor, fields, body, trailers, complete } = message;
  const names = trailers.map((trailer) => trailer.replace(/:[ \t]*(.*?)[ \t]*$/, ": $1"));
  return JSON.stringify(
    hasBody ? { line, minor, fields, body, names, complete } : { line, minor, fields },
  );
}
