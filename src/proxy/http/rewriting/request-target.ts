// The target of a request while it is rewritten: its path and query apart, in buffers of their own.
// Path operations change it in turn; at the end it becomes the head's new target, which is always a
// valid origin-form (RFC 9112 section 3.2.1).
import { ByteBuilder } from "../../../http/byte-builder.ts";
import { text } from "../../../http/head.ts";
import { Method, type RequestHead } from "../../../http/request-head.ts";
import { encodeUriBytes, UriPart } from "./safe-bytes.ts";

const slash = 0x2f;
const question = 0x3f;
const ampersand = 0x26;

export class RequestTarget {
  path: ByteBuilder;
  /** Without its question mark; empty: there is none. */
  readonly query: ByteBuilder;
  /** An operation has changed something. */
  changed: boolean;
  #spare: ByteBuilder;

  constructor() {
    this.path = new ByteBuilder();
    this.query = new ByteBuilder();
    this.changed = false;
    this.#spare = new ByteBuilder();
  }

  /** Takes the target as it is by now; false: it has no path (CONNECT, `OPTIONS *`). */
  load(head: RequestHead): boolean {
    if (!hasPath(head)) return false;
    this.changed = false;
    this.path.clear();
    this.query.clear();
    if (head.newTarget !== null) {
      this.#split(head.newTarget, 0, head.newTarget.length);
      return true;
    }
    this.path.append(head.bytes, head.pathStart, head.pathEnd);
    if (this.path.length === 0) this.path.byte(slash);
    this.query.append(head.bytes, head.queryStart, head.queryEnd);
    return true;
  }

  /** Makes it the head's, if it has changed. */
  store(head: RequestHead): void {
    if (!this.changed) return;
    const { path, query } = this;
    encodeUriBytes(path, 0, UriPart.encodedPath);
    encodeUriBytes(query, 0, UriPart.encoded);
    const lead = path.length === 0 || path.bytes[0] !== slash ? 1 : 0;
    const tail = query.length > 0 ? query.length + 1 : 0;
    const target = new Uint8Array(lead + path.length + tail);
    if (lead === 1) target[0] = slash;
    for (let i = 0; i < path.length; i++) target[lead + i] = path.bytes[i] as number;
    if (tail > 0) {
      const at = lead + path.length;
      target[at] = question;
      for (let i = 0; i < query.length; i++) target[at + 1 + i] = query.bytes[i] as number;
    }
    head.newTarget = target;
  }

  /** An empty builder for the next path; swap() makes it the path. */
  spare(): ByteBuilder {
    this.#spare.clear();
    return this.#spare;
  }

  swap(): void {
    const path = this.#spare;
    this.#spare = this.path;
    this.path = path;
    this.changed = true;
  }

  /** The whole target is `bytes[start..end)` now. */
  replaceAll(bytes: Uint8Array, start: number, end: number): void {
    this.path.clear();
    this.query.clear();
    this.#split(bytes, start, end);
    this.changed = true;
  }

  /** A question mark in the new path begins a query; what was there stands behind it. */
  replacePath(by: string): void {
    const spare = this.spare();
    const mark = by.indexOf("?");
    spare.latin1(mark < 0 ? by : by.slice(0, mark));
    this.swap();
    if (mark < 0 || mark === by.length - 1) return;
    const kept = text(this.query.bytes, 0, this.query.length);
    this.query.clear();
    this.query.latin1(by.slice(mark + 1));
    if (kept.length === 0) return;
    this.query.byte(ampersand);
    this.query.latin1(kept);
  }

  #split(bytes: Uint8Array, start: number, end: number): void {
    let mark = start;
    while (mark < end && bytes[mark] !== question) mark++;
    this.path.append(bytes, start, mark);
    if (mark < end) this.query.append(bytes, mark + 1, end);
  }
}

function hasPath(head: RequestHead): boolean {
  if (head.method === Method.connect) return false;
  if (head.newTarget !== null) return head.newTarget[0] === slash;
  if (head.pathStart < head.pathEnd) return head.bytes[head.pathStart] === slash;
  // An absolute form without a path means `/`, but of OPTIONS it means `*`.
  return head.method !== Method.options || head.queryEnd > 0;
}
