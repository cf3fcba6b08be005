// The persistence cookie of a request: found, understood, and taken out of what the server will see
// where its mode says so. Every other cookie stays byte for byte, in its place.
import type { CookiePlan } from "../../../config/http-plan.ts";
import { ByteBuilder } from "../../../http/byte-builder.ts";
import { CookiePairs } from "../../../http/cookie-pairs.ts";
import { known } from "../../../http/field-name.ts";
import type { RequestHead } from "../../../http/request-head.ts";
import { dateSign, isPast, readDate } from "./cookie-dates.ts";
import { type CookieFinding, RequestCookieState } from "./cookie-state.ts";
import type { ServerValues } from "./server-values.ts";

/** Between the server's value and the server's own cookie, in mode `prefix`. */
export const prefixSign = 0x7e;
const semicolon = 0x3b;

const pairs = new CookiePairs();
const edited = new ByteBuilder();

export class RequestCookie {
  readonly #name: Uint8Array;
  readonly #servers: ServerValues;
  readonly #isPrefix: boolean;
  readonly #isRemoved: boolean;
  readonly #maxIdleS: number;
  readonly #maxLifeS: number;

  constructor(plan: CookiePlan, servers: ServerValues) {
    this.#name = Buffer.from(plan.name, "utf8");
    this.#servers = servers;
    this.#isPrefix = plan.mode === "prefix";
    this.#isRemoved = plan.mode === "insert" && plan.indirect;
    // Only a cookie of ours has dates.
    this.#maxIdleS = plan.mode === "insert" ? plan.maxIdleMs / 1000 : 0;
    this.#maxLifeS = plan.mode === "insert" ? plan.maxLifeMs / 1000 : 0;
  }

  /**
   * Says in `into` which server the client is to go back to, and why not. Of several cookies of the
   * name the first that stands for a server counts, else the first. Whether that server is usable
   * is the caller's to see. Changes nothing. `nowMs`: since the epoch.
   */
  find(head: RequestHead, into: CookieFinding, nowMs: number): void {
    into.clear(RequestCookieState.none);
    for (let i = head.find(known.cookie); i >= 0; i = head.find(known.cookie, i + 1)) {
      pairs.begin(head.bytesOf(i), head.valueStart(i), head.valueEnd(i));
      while (pairs.advance()) {
        if (!pairs.isNamed(this.#name)) continue;
        const first = into.state === RequestCookieState.none;
        this.#read(into, first, Math.floor(nowMs / 1000));
        if (into.server >= 0) return;
      }
    }
  }

  /** Understands the pair at hand. What it is when it is no good counts only for the first. */
  #read(into: CookieFinding, first: boolean, nowS: number): void {
    const { bytes, valueStart, valueEnd } = pairs;
    if (this.#isPrefix) {
      const sign = indexOf(bytes, valueStart, valueEnd, prefixSign);
      const server = sign < 0 ? -1 : this.#servers.find(bytes, valueStart, sign);
      this.#conclude(into, first, server, RequestCookieState.invalid);
      return;
    }
    const bar = indexOf(bytes, valueStart, valueEnd, dateSign);
    const server = this.#servers.find(bytes, valueStart, bar < 0 ? valueEnd : bar);
    if (bar < 0 || server < 0) {
      this.#conclude(into, first, server, RequestCookieState.invalid);
      return;
    }
    const second = indexOf(bytes, bar + 1, valueEnd, dateSign);
    const lastS = readDate(bytes, bar + 1, second < 0 ? valueEnd : second);
    const firstS = second < 0 ? 0 : readDate(bytes, second + 1, valueEnd);
    if (this.#maxLifeS > 0 && firstS !== 0 && isPast(firstS, this.#maxLifeS, nowS)) {
      this.#conclude(into, first, -1, RequestCookieState.old);
    } else if (this.#maxIdleS > 0 && isPast(lastS, this.#maxIdleS, nowS)) {
      this.#conclude(into, first, -1, RequestCookieState.expired);
    } else {
      this.#conclude(into, first, server, RequestCookieState.valid);
      into.lastS = Math.max(0, lastS);
      into.firstS = Math.max(0, firstS);
    }
  }

  #conclude(
    into: CookieFinding,
    first: boolean,
    server: number,
    otherwise: RequestCookieState,
  ): void {
    if (server >= 0) {
      into.server = server;
      into.state = RequestCookieState.valid;
    } else if (first) {
      into.state = otherwise;
    }
  }

  /**
   * Changes the request as the server is to see it. `insert` with `indirect`: without the cookie;
   * `prefix`: without what we put in front of the value, whether it still names a server or not.
   */
  edit(head: RequestHead): void {
    if (!this.#isPrefix && !this.#isRemoved) return;
    for (let i = head.find(known.cookie); i >= 0; i = head.find(known.cookie, i + 1)) {
      if (!this.#editField(head, i)) continue;
      if (edited.length === 0) head.drop(i);
      else head.replaceValue(i, edited.bytes, 0, edited.length);
    }
  }

  /** Puts the field's new value into `edited`; false: it stays. */
  #editField(head: RequestHead, i: number): boolean {
    const bytes = head.bytesOf(i);
    const start = head.valueStart(i);
    const end = head.valueEnd(i);
    if (!this.#isIn(bytes, start, end)) return false;
    edited.clear();
    pairs.begin(bytes, start, end);
    let first = true;
    while (pairs.advance()) {
      const isOurs = pairs.isNamed(this.#name);
      if (isOurs && this.#isRemoved) continue;
      // The space in front of a pair belongs to it, but a value does not begin with any.
      const from = first ? pairs.nameStart : pairs.pairStart;
      if (!first) edited.byte(semicolon);
      first = false;
      const sign = isOurs ? indexOf(bytes, pairs.valueStart, pairs.valueEnd, prefixSign) : -1;
      edited.append(bytes, from, sign < 0 ? pairs.pairEnd : pairs.valueStart);
      if (sign >= 0) edited.append(bytes, sign + 1, pairs.pairEnd);
    }
    return true;
  }

  #isIn(bytes: Uint8Array, start: number, end: number): boolean {
    pairs.begin(bytes, start, end);
    while (pairs.advance()) if (pairs.isNamed(this.#name)) return true;
    return false;
  }
}

function indexOf(bytes: Uint8Array, start: number, end: number, byte: number): number {
  for (let at = start; at < end; at++) if (bytes[at] === byte) return at;
  return -1;
}
