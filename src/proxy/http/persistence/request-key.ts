// What an http request is hashed or sticks by, as bytes where they stand: for hashBytes() of
// balance/key-hash.ts and for sticky tables. A request that has nothing of that kind, or only an empty
// one, has no key: the policy then goes in round robin, nothing sticks.
import { findCookie } from "../../../http/cookie-pairs.ts";
import { type FieldName, fieldName, known } from "../../../http/field-name.ts";
import { findParameter } from "../../../http/query-pairs.ts";
import type { RequestHead } from "../../../http/request-head.ts";
import type { Span } from "../../../http/span.ts";

export type RequestKeyKind = "uri" | "path" | "header" | "cookie" | "query";

const root = Uint8Array.of(0x2f);

export class RequestKey {
  readonly #kind: RequestKeyKind;
  readonly #name: Uint8Array;
  readonly #field: FieldName;

  constructor(kind: RequestKeyKind, name: string) {
    this.#kind = kind;
    this.#name = Buffer.from(name, "utf8");
    this.#field = fieldName(name);
  }

  /**
   * Says in `into` where the key stands, valid as long as the head is; false: there is none. `uri` is
   * path and query as sent, `path` is without the query. Of several headers, cookies or parameters of
   * one name the first counts. `header:host` is the host and port that the request is for, wherever
   * it says so, in the case it was sent.
   */
  find(head: RequestHead, into: Span): boolean {
    switch (this.#kind) {
      case "uri":
        into.set(head.bytes, head.pathStart, head.queryEnd > 0 ? head.queryEnd : head.pathEnd);
        break;
      case "path":
        into.set(head.bytes, head.pathStart, head.pathEnd);
        break;
      case "header":
        return this.#findHeader(head, into);
      case "cookie":
        return findCookie(head, this.#name, into) && into.end > into.start;
      case "query":
        return (
          findParameter(head.bytes, head.queryStart, head.queryEnd, this.#name, into) &&
          into.end > into.start
        );
    }
    // An absolute form without a path means the root.
    if (into.end === into.start) into.set(root, 0, 1);
    return true;
  }

  #findHeader(head: RequestHead, into: Span): boolean {
    if (this.#field === known.host) {
      into.set(head.bytes, head.hostStart, head.authorityEnd);
    } else {
      const i = head.find(this.#field);
      if (i < 0) return false;
      into.set(head.bytesOf(i), head.valueStart(i), head.valueEnd(i));
    }
    return into.end > into.start;
  }
}

/** `uri`, `path`, `header:NAME`, `cookie:NAME` or `query:NAME`; null for any other key. */
export function compileRequestKey(key: string): RequestKey | null {
  if (key === "uri" || key === "path") return new RequestKey(key, "");
  const colon = key.indexOf(":");
  const kind = key.slice(0, colon);
  const name = key.slice(colon + 1);
  if (colon < 0 || name === "") return null;
  if (kind !== "header" && kind !== "cookie" && kind !== "query") return null;
  return new RequestKey(kind, name);
}
