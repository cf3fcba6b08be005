// Keeps shared caches from storing a response that gives a cookie to one client: else all who get it
// from the cache would go to that client's server.
import { lowerCase } from "../../../http/characters.ts";
import { known } from "../../../http/field-name.ts";
import type { Head } from "../../../http/head.ts";

const field = known["cache-control"];
const marking = Buffer.from("private", "latin1");
/** Any of them is enough for a shared cache to leave it alone (RFC 9111 section 3). */
const directives = ["private", "no-store"].map((name) => Buffer.from(name, "latin1"));
const comma = 0x2c;

/**
 * Adds `Cache-Control: private`, as HAProxy does, unless something as strong is there. Others of its
 * directives stay: of two that contradict each other a cache must follow the stricter one (RFC 9111
 * section 4.2.1).
 */
export function markPrivate(head: Head): void {
  for (let i = head.find(field); i >= 0; i = head.find(field, i + 1)) {
    if (isMarked(head.bytesOf(i), head.valueStart(i), head.valueEnd(i))) return;
  }
  head.add(field, marking, 0, marking.length);
}

/** `private="x"` is about one field only, so it is not enough. */
function isMarked(bytes: Uint8Array, start: number, end: number): boolean {
  for (let from = start; from < end;) {
    let to = from;
    while (to < end && bytes[to] !== comma) to++;
    let first = from;
    while (first < to && bytes[first] === 0x20) first++;
    let last = to;
    while (last > first && bytes[last - 1] === 0x20) last--;
    if (directives.some((name) => isText(name, bytes, first, last))) return true;
    from = to + 1;
  }
  return false;
}

function isText(name: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start !== name.length) return false;
  for (let i = 0; i < name.length; i++) {
    if (lowerCase[bytes[start + i] as number] !== name[i]) return false;
  }
  return true;
}
