// What the Connection fields of one message say (RFC 9110 section 7.6.1): who goes on with the
// connection, and which other fields are meant for this hop only. Framing owns one.
import { fieldName, known } from "../field-name.ts";
import type { Head } from "../head.ts";
import { Fault, Parsed } from "./fault.ts";
import { mayBeNamed } from "./hop-by-hop.ts";
import type { ListCursor } from "./list.ts";

const close = fieldName("close");

/** Of one message: each one that names a field costs a look at all of them. */
const optionsMax = 32;

export class ConnectionOptions {
  closes: boolean;
  keepsAlive: boolean;
  upgrade: boolean;
  /** A field was no list of tokens. */
  odd: boolean;
  #namesFields: boolean;
  #count: number;

  constructor() {
    this.closes = false;
    this.keepsAlive = false;
    this.upgrade = false;
    this.odd = false;
    this.#namesFields = false;
    this.#count = 0;
  }

  /** For another message. */
  reset(): void {
    this.closes = false;
    this.keepsAlive = false;
    this.upgrade = false;
    this.odd = false;
    this.#namesFields = false;
    this.#count = 0;
  }

  /** `list` stands before the options of one Connection field. */
  notice(list: ListCursor): void {
    while (list.next()) {
      // Empty elements are allowed: RFC 9110 section 5.6.1.2.
      if (list.start === list.stop) continue;
      this.#count++;
      if (list.is(known["keep-alive"])) this.keepsAlive = true;
      else if (list.is(close)) this.closes = true;
      else if (list.is(known.upgrade)) this.upgrade = true;
      else if (!list.isToken) this.odd = true;
      else if (!list.is(known.te)) this.#namesFields = true;
    }
  }

  /** All fields are here: drops those that are named. Gives a fault, or `Parsed.done`. */
  dropNamed(head: Head, list: ListCursor): number {
    if (!this.#namesFields) return Parsed.done;
    if (this.#count > optionsMax) return Fault.connection;
    for (let i = 0; i < head.count; i++) {
      if (head.ids[i] !== known.connection.id) continue;
      list.begin(head.bytes, head.valueStart(i), head.valueEnd(i));
      while (list.next()) {
        if (!list.isToken || list.is(close)) continue;
        if (list.is(known.host) || list.is(known["content-length"])) return Fault.connectionNames;
        if (list.is(known["transfer-encoding"])) return Fault.connectionNames;
        if (mayBeNamed(list)) dropAllNamed(head, list);
      }
    }
    return Parsed.done;
  }
}

function dropAllNamed(head: Head, list: ListCursor): void {
  for (let i = 0; i < head.count; i++) {
    if (head.hashes[i] === list.hash && list.isAt(head.nameStart(i), head.nameEnd(i))) head.drop(i);
  }
}
