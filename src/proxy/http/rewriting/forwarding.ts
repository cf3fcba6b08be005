// How servers learn of the client: X-Forwarded-For, -Proto, -Host and -Port, or Forwarded of RFC 7239.
// Applied to each request before its rewrites, so that these may change it. What an untrusted client
// sent under any of the five names is dropped, whichever the frontend writes: a server that believes
// the other kind would believe the client. What a trusted proxy sent is kept and added to.
import type { HttpFrontendPlan } from "../../../config/http-plan.ts";
import { ByteBuilder } from "../../../http/byte-builder.ts";
import { lowerCase } from "../../../http/characters.ts";
import { type FieldName, known } from "../../../http/field-name.ts";
import type { RequestHead } from "../../../http/request-head.ts";
import { appendIp, appendNode } from "./address-text.ts";
import { appendValue } from "./forwarded-syntax.ts";
import type { RewriteContext } from "./rewrite-context.ts";

export interface Forwarding {
  apply(head: RequestHead, context: RewriteContext): void;
}

/** Null: `off`, nothing is touched. */
export function compileForwarding(mode: HttpFrontendPlan["forwardedFor"]): Forwarding | null {
  if (mode === "off") return null;
  return mode === "rfc7239" ? new ForwardedField() : new ForwardedHeaders();
}

/** The five names have ids one after the other, see field-name.ts. */
const firstId = known["x-forwarded-for"].id;
const lastId = known.forwarded.id;

const forFields = known["x-forwarded-for"];
const protoField = known["x-forwarded-proto"];
const hostField = known["x-forwarded-host"];
const portField = known["x-forwarded-port"];
const http = Buffer.from("http", "latin1");
const https = Buffer.from("https", "latin1");
const lowerX = 0x78;
const underscore = 0x5f;
const dash = 0x2d;
const listComma = Buffer.from(", ", "latin1");
const value = new ByteBuilder();

class ForwardedHeaders implements Forwarding {
  #port: number;
  #portDigits: Uint8Array;

  constructor() {
    this.#port = 0;
    this.#portDigits = new Uint8Array(0);
  }

  /** A unix client has no address and a unix bind no port: then that field is not sent. */
  apply(head: RequestHead, context: RewriteContext): void {
    value.clear();
    appendIp(value, context.peer);
    // What a trusted proxy says is there already, or does not count.
    const scheme = context.tls === null ? http : https;
    if (context.peerTrusted) {
      if (value.length > 0) appendToList(head, forFields, value.bytes.subarray(0, value.length));
      if (head.find(protoField) < 0) head.add(protoField, scheme, 0, scheme.length);
      if (head.find(hostField) < 0) addHost(head);
      if (head.find(portField) < 0) this.#addPort(head, context.bindPort);
      return;
    }
    dropAll(head);
    if (value.length > 0) head.add(forFields, value.bytes, 0, value.length);
    head.add(protoField, scheme, 0, scheme.length);
    addHost(head);
    this.#addPort(head, context.bindPort);
  }

  /** A frontend has few binds, so the port is mostly the one of the request before. */
  #addPort(head: RequestHead, port: number): void {
    if (port === 0) return;
    if (port !== this.#port) {
      this.#port = port;
      this.#portDigits = Buffer.from(String(port), "latin1");
    }
    head.add(portField, this.#portDigits, 0, this.#portDigits.length);
  }
}

const forEquals = Buffer.from("for=", "latin1");
const hostEquals = Buffer.from(";host=", "latin1");
const protoEquals = Buffer.from(";proto=", "latin1");

/**
 * `for=192.0.2.1;host=example.com;proto=http`. Without `by`: it would tell a server, and whoever it
 * shows its headers to, an address of ours that nobody needs (RFC 7239 section 8.3).
 */
class ForwardedField implements Forwarding {
  apply(head: RequestHead, context: RewriteContext): void {
    value.clear();
    value.all(forEquals);
    appendNode(value, context.peer);
    if (head.authorityEnd > head.hostStart) {
      value.all(hostEquals);
      appendValue(value, head.bytes, head.hostStart, head.authorityEnd);
    }
    value.all(protoEquals);
    value.all(context.tls === null ? http : https);
    if (context.peerTrusted) {
      appendToList(head, known.forwarded, value.bytes.subarray(0, value.length));
      return;
    }
    dropAll(head);
    head.add(known.forwarded, value.bytes, 0, value.length);
  }
}

/** As the client named it, whatever becomes of the Host field. */
function addHost(head: RequestHead): void {
  if (head.authorityEnd === head.hostStart) return;
  head.add(hostField, head.bytes, head.hostStart, head.authorityEnd);
}

function dropAll(head: RequestHead): void {
  const { ids, count } = head;
  for (let i = 0; i < count; i++) {
    const id = ids[i] as number;
    if ((id >= firstId && id <= lastId) || (id === 0 && isDisguised(head, i))) head.drop(i);
  }
}

const disguisable = [forFields, protoField, hostField, portField];
const shortest = forFields.bytes.length;
const longest = protoField.bytes.length;

/** Whether it is one of them with underscores: servers behind CGI or WSGI see no difference. */
function isDisguised(head: RequestHead, i: number): boolean {
  const start = head.nameStart(i);
  const length = head.nameEnd(i) - start;
  if (length < shortest || length > longest) return false;
  const bytes = head.bytesOf(i);
  if (lowerCase[bytes[start] as number] !== lowerX) return false;
  return disguisable.some(({ bytes: name }) => {
    if (name.length !== length) return false;
    for (let at = 0; at < length; at++) {
      const byte = bytes[start + at] as number;
      if ((byte === underscore ? dash : lowerCase[byte]) !== name[at]) return false;
    }
    return true;
  });
}

const list = new ByteBuilder();

/** One more element behind all that the fields of that name have, which become one field. */
function appendToList(head: RequestHead, name: FieldName, element: Uint8Array): void {
  const first = head.find(name);
  if (first < 0) {
    head.add(name, element, 0, element.length);
    return;
  }
  list.clear();
  for (let i = first; i >= 0; i = head.find(name, i + 1)) {
    const start = head.valueStart(i);
    const end = head.valueEnd(i);
    if (end > start) {
      list.append(head.bytesOf(i), start, end);
      list.all(listComma);
    }
    if (i > first) head.drop(i);
  }
  list.all(element);
  head.replaceValue(first, list.bytes, 0, list.length);
}
