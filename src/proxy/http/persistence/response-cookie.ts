// The persistence cookie of a response: given to clients (`insert`), or made of the server's own
// (`rewrite`, `prefix`), or only looked at (`passive`). Changes the head in place. As HAProxy does it,
// see `cookie` in its configuration manual; what differs is said where it does.
import type { CookiePlan } from "../../../config/http-plan.ts";
import { ByteBuilder } from "../../../http/byte-builder.ts";
import { CookiePairs } from "../../../http/cookie-pairs.ts";
import { known } from "../../../http/field-name.ts";
import { Method } from "../../../http/request-head.ts";
import type { ResponseHead } from "../../../http/response-head.ts";
import { markPrivate } from "./cacheability.ts";
import { appendDate } from "./cookie-dates.ts";
import { type CookieFinding, ResponseCookieState } from "./cookie-state.ts";
import { prefixSign } from "./request-cookie.ts";
import type { ServerValues } from "./server-values.ts";

const pairs = new CookiePairs();
const value = new ByteBuilder();
const noValue = new Uint8Array(0);

export class ResponseCookie {
  readonly #plan: CookiePlan;
  readonly #servers: ServerValues;
  readonly #name: Uint8Array;
  /** `; path=/; HttpOnly`. */
  readonly #attributes: Uint8Array;
  /** The whole field that makes a client forget its cookie. */
  readonly #removal: Uint8Array;
  readonly #hasDates: boolean;

  constructor(plan: CookiePlan, servers: ServerValues) {
    this.#plan = plan;
    this.#servers = servers;
    this.#name = Buffer.from(plan.name, "utf8");
    const attributes = attributesOf(plan);
    this.#attributes = Buffer.from(attributes, "utf8");
    const expires = "; Expires=Thu, 01 Jan 1970 00:00:01 GMT";
    this.#removal = Buffer.from(`${plan.name}=${expires}${attributes}`, "utf8");
    this.#hasDates = plan.maxIdleMs > 0 || plan.maxLifeMs > 0;
  }

  /**
   * `server`: the index of the one that answered. `finding`: what find() has said of the request.
   * Answers what was done, for the log.
   */
  apply(
    head: ResponseHead,
    finding: CookieFinding,
    server: number,
    method: Method,
    nowMs: number,
  ): ResponseCookieState {
    // The client came back to where its cookie led it.
    const isDirect = finding.server >= 0 && this.#servers.isShared(finding.server, server);
    const state = this.#passServers(head, server, isDirect);
    const { mode, preserve, postonly, maxLifeMs } = this.#plan;
    if (mode !== "insert") {
      // HAProxy marks only what it inserts; but a cookie in our name is no less one client's own.
      if (state === ResponseCookieState.rewritten) this.#keepFromCaches(head, method);
      return state;
    }
    if (state === ResponseCookieState.provided && preserve) return state;
    if (postonly && method !== Method.post) return state;
    const nowS = Math.floor(nowMs / 1000);
    if (isDirect && this.#isFresh(finding, nowS)) return state;
    const own = this.#servers.of(server);
    value.clear();
    if (own === null) {
      value.all(this.#removal);
    } else {
      value.all(this.#name);
      value.byte(0x3d);
      value.all(own);
      if (this.#hasDates) appendDate(value, nowS);
      if (maxLifeMs > 0) appendDate(value, isDirect && finding.firstS > 0 ? finding.firstS : nowS);
      value.all(this.#attributes);
    }
    head.add(known["set-cookie"], value.bytes, 0, value.length);
    this.#keepFromCaches(head, method);
    return own !== null && isDirect ? ResponseCookieState.updated : ResponseCookieState.inserted;
  }

  /** Answers to other methods are not cached unless their server asks for it. */
  #keepFromCaches(head: ResponseHead, method: Method): void {
    if (!this.#plan.nocache) return;
    if (method === Method.get || method === Method.head) markPrivate(head);
  }

  /** Whether the dates of the client's cookie are those that it would get now. */
  #isFresh({ lastS, firstS }: CookieFinding, nowS: number): boolean {
    const { maxIdleMs, maxLifeMs } = this.#plan;
    if (maxLifeMs > 0 !== firstS > 0) return false;
    // A last date stands in front of every first one, but only maxIdle makes it move (HAProxy
    // refreshes it for maxLife alone too, in every response, which changes nothing).
    if (this.#hasDates !== lastS > 0) return false;
    return maxIdleMs === 0 || lastS >= nowS;
  }

  /** The cookies of that name that the server sets itself. */
  #passServers(head: ResponseHead, server: number, isDirect: boolean): ResponseCookieState {
    const field = known["set-cookie"];
    const { mode, preserve, indirect } = this.#plan;
    let state: ResponseCookieState = ResponseCookieState.none;
    for (let i = head.find(field); i >= 0; i = head.find(field, i + 1)) {
      pairs.begin(head.bytesOf(i), head.valueStart(i), head.valueEnd(i));
      if (!pairs.advance() || !pairs.isNamed(this.#name)) continue;
      state = ResponseCookieState.provided;
      if (preserve) continue;
      if (mode === "insert" || (indirect && isDirect)) {
        head.drop(i);
        state = ResponseCookieState.deleted;
      } else if (mode === "rewrite" || mode === "prefix") {
        const own = this.#servers.of(server) ?? noValue;
        if (own.length === 0) continue;
        this.#putValue(head, i, own);
        state = ResponseCookieState.rewritten;
      }
    }
    return state;
  }

  /** Instead of the server's value, or in front of it. Attributes stay as they are. */
  #putValue(head: ResponseHead, i: number, own: Uint8Array): void {
    const { bytes, valueStart, valueEnd } = pairs;
    value.clear();
    value.append(bytes, head.valueStart(i), valueStart);
    value.all(own);
    if (this.#plan.mode === "prefix") value.byte(prefixSign);
    const rest = this.#plan.mode === "prefix" ? valueStart : valueEnd;
    value.append(bytes, rest, head.valueEnd(i));
    head.replaceValue(i, value.bytes, 0, value.length);
  }
}

/** RFC 6265 section 4.1.1, and SameSite of its successor. Browsers refuse SameSite=None without Secure. */
function attributesOf(plan: CookiePlan): string {
  const attributes = [`path=${plan.path === "" ? "/" : plan.path}`];
  if (plan.domain !== "") attributes.push(`domain=${plan.domain}`);
  if (plan.httpOnly) attributes.push("HttpOnly");
  if (plan.secure || plan.sameSite === "None") attributes.push("Secure");
  if (plan.sameSite !== null) attributes.push(`SameSite=${plan.sameSite}`);
  return attributes.map((attribute) => `; ${attribute}`).join("");
}
