// What a request is about: the four forms of a request target (RFC 9112 section 3.2), and the host it
// names there or in its Host field. The request parser calls it when all fields have been read. Each
// form goes with certain methods only, and two names for the host must be the same one.
import { lowerCase } from "../characters.ts";
import { Method, type RequestHead } from "../request-head.ts";
import { Authority } from "./authority.ts";
import { Fault, Parsed } from "./fault.ts";

const slash = 0x2f;
const question = 0x3f;
const asterisk = 0x2a;

const http = Buffer.from("http://", "latin1");
const https = Buffer.from("https://", "latin1");

export class TargetReader {
  readonly #field: Authority;
  readonly #target: Authority;

  constructor() {
    this.#field = new Authority();
    this.#target = new Authority();
  }

  /** `query`: where the first question mark stands, 0: nowhere. `host`: the Host field, -1: none. */
  read(head: RequestHead, query: number, host: number): number {
    if (host >= 0) {
      const field = this.#field;
      if (!field.read(head.bytes, head.valueStart(host), head.valueEnd(host))) return Fault.host;
      head.hostStart = field.start;
      head.hostEnd = field.hostEnd;
      head.authorityEnd = field.end;
    } else {
      head.hostStart = head.hostEnd = head.authorityEnd = 0;
    }
    head.queryStart = head.queryEnd = 0;
    if (head.method === Method.connect) return this.#readAuthority(head, host);
    const first = head.bytes[head.targetStart] as number;
    if (first === slash) {
      setPath(head, head.targetStart, query);
      return Parsed.done;
    }
    if (first === asterisk && head.targetEnd - head.targetStart === 1) {
      if (head.method !== Method.options) return Fault.targetForm;
      setPath(head, head.targetStart, 0);
      return Parsed.done;
    }
    return this.#readAbsolute(head, query, host);
  }

  /** `CONNECT example.com:443`: the port must be said. */
  #readAuthority(head: RequestHead, host: number): number {
    const target = this.#target;
    if (!target.read(head.bytes, head.targetStart, head.targetEnd)) return Fault.targetForm;
    if (target.hostEnd === target.start || target.port <= 0) return Fault.targetForm;
    if (host >= 0 && !this.#field.equals(target, target.port)) return Fault.hostMismatch;
    takeHost(head, target);
    head.pathStart = head.pathEnd = head.targetEnd;
    return Parsed.done;
  }

  #readAbsolute(head: RequestHead, query: number, host: number): number {
    const { bytes, targetStart, targetEnd } = head;
    let port = 80;
    let start = targetStart + http.length;
    if (!beginsWith(bytes, targetStart, targetEnd, http)) {
      if (!beginsWith(bytes, targetStart, targetEnd, https)) return Fault.targetForm;
      port = 443;
      start = targetStart + https.length;
    }
    let end = start;
    while (end < targetEnd && bytes[end] !== slash && bytes[end] !== question) end++;
    const target = this.#target;
    if (!target.read(bytes, start, end)) return Fault.host;
    // RFC 9110 section 4.2.1: without a host it is invalid.
    if (target.hostEnd === start) return Fault.host;
    if (host >= 0 && !this.#field.equals(target, port)) return Fault.hostMismatch;
    takeHost(head, target);
    setPath(head, end, query);
    return Parsed.done;
  }
}

function takeHost(head: RequestHead, authority: Authority): void {
  head.hostStart = authority.start;
  head.hostEnd = authority.hostEnd;
  head.authorityEnd = authority.end;
}

function setPath(head: RequestHead, start: number, query: number): void {
  head.pathStart = start;
  head.pathEnd = query === 0 ? head.targetEnd : query;
  if (query === 0) return;
  head.queryStart = query + 1;
  head.queryEnd = head.targetEnd;
}

function beginsWith(bytes: Uint8Array, start: number, end: number, prefix: Uint8Array): boolean {
  if (end - start < prefix.length) return false;
  for (let i = 0; i < prefix.length; i++) {
    if (lowerCase[bytes[start + i] as number] !== prefix[i]) return false;
  }
  return true;
}
