// What the fields of a head say about the message itself: where its body ends, and who goes on with
// the connection. The parsers let it notice each field that may matter, then ask. It drops what is
// meant for one hop only (RFC 9110 section 7.6.1); the writers write that anew, from numbers.
import { fieldName, known } from "../field-name.ts";
import type { Head } from "../head.ts";
import { ConnectionOptions } from "./connection-options.ts";
import { contentLengthIn } from "./content-length.ts";
import { Fault, Parsed } from "./fault.ts";
import { ListCursor } from "./list.ts";

/** What becomes of a field. */
const Role = {
  none: 0,
  host: 1,
  contentLength: 2,
  transferEncoding: 3,
  connection: 4,
  te: 5,
  upgrade: 6,
  expect: 7,
  /** For this hop, and of no use to us. */
  hop: 8,
} as const;

/** Index: the id of a known name. */
const roles = new Uint8Array(256);
roles[known.host.id] = Role.host;
roles[known["content-length"].id] = Role.contentLength;
roles[known["transfer-encoding"].id] = Role.transferEncoding;
roles[known.connection.id] = Role.connection;
roles[known.te.id] = Role.te;
roles[known.upgrade.id] = Role.upgrade;
roles[known.expect.id] = Role.expect;
roles[known["keep-alive"].id] = Role.hop;
roles[known["proxy-connection"].id] = Role.hop;
roles[known["http2-settings"].id] = Role.hop;

const chunked = fieldName("chunked");
const trailers = fieldName("trailers");
const h2c = fieldName("h2c");
const h2 = fieldName("h2");
const continues = fieldName("100-continue");

export class Framing {
  /** Index of the Host field; -1: none. */
  host: number;
  hosts: number;
  /** -1: not said. */
  contentLength: number;
  /** There is a Transfer-Encoding. */
  coded: boolean;
  /** `chunked` is its last coding. */
  chunked: boolean;
  /** It has another one. */
  otherCoding: boolean;
  /** Connection says so, and an Upgrade field names a protocol that may be tunnelled. */
  upgrades: boolean;
  acceptsTrailers: boolean;
  expectsContinue: boolean;
  /** Something else is expected too. */
  oddExpectation: boolean;
  #namesProtocol: boolean;
  #namesHttp2: boolean;
  readonly connection: ConnectionOptions;
  readonly #list: ListCursor;

  constructor() {
    this.connection = new ConnectionOptions();
    this.#list = new ListCursor();
    this.host = -1;
    this.hosts = 0;
    this.contentLength = -1;
    this.coded = false;
    this.chunked = false;
    this.otherCoding = false;
    this.upgrades = false;
    this.acceptsTrailers = false;
    this.expectsContinue = false;
    this.#namesProtocol = false;
    this.#namesHttp2 = false;
    this.oddExpectation = false;
  }

  /** For another message. */
  reset(): void {
    this.connection.reset();
    this.host = -1;
    this.hosts = 0;
    this.contentLength = -1;
    this.coded = false;
    this.chunked = false;
    this.otherCoding = false;
    this.upgrades = false;
    this.acceptsTrailers = false;
    this.expectsContinue = false;
    this.#namesProtocol = false;
    this.#namesHttp2 = false;
    this.oddExpectation = false;
  }

  /** Field `i`, of a known name, was found. Gives a fault, or `Parsed.done`. */
  notice(head: Head, i: number): number {
    switch (roles[head.ids[i] as number]) {
      case Role.host:
        this.host = i;
        this.hosts++;
        return Parsed.done;
      case Role.contentLength:
        head.drop(i);
        return this.#noticeLength(head, i);
      case Role.transferEncoding:
        head.drop(i);
        return this.#noticeCodings(head, i);
      case Role.connection:
        head.drop(i);
        this.#list.begin(head.bytes, head.valueStart(i), head.valueEnd(i));
        this.connection.notice(this.#list);
        return Parsed.done;
      case Role.te:
        head.drop(i);
        this.#noticeTe(head, i);
        return Parsed.done;
      case Role.upgrade:
        head.drop(i);
        this.#noticeUpgrade(head, i);
        return Parsed.done;
      case Role.expect:
        this.#noticeExpect(head, i);
        return Parsed.done;
      case Role.hop:
        head.drop(i);
        return Parsed.done;
      default:
        return Parsed.done;
    }
  }

  #noticeLength(head: Head, i: number): number {
    // The same number twice would have one meaning; but who sends that is broken or tries something.
    if (this.contentLength >= 0) return Fault.contentLengthTwice;
    const length = contentLengthIn(head.bytes, head.valueStart(i), head.valueEnd(i));
    if (length < 0) return Fault.contentLength;
    if (length > Number.MAX_SAFE_INTEGER) return Fault.contentLengthTooLarge;
    this.contentLength = length;
    return Parsed.done;
  }

  #noticeCodings(head: Head, i: number): number {
    const list = this.#list;
    this.coded = true;
    list.begin(head.bytes, head.valueStart(i), head.valueEnd(i));
    while (list.next()) {
      if (!list.isToken) return Fault.coding;
      if (this.chunked) return Fault.chunkedNotLast;
      if (list.is(chunked)) this.chunked = true;
      else this.otherCoding = true;
    }
    return Parsed.done;
  }

  #noticeTe(head: Head, i: number): void {
    const list = this.#list;
    list.begin(head.bytes, head.valueStart(i), head.valueEnd(i));
    while (list.next()) if (list.is(trailers)) this.acceptsTrailers = true;
  }

  #noticeUpgrade(head: Head, i: number): void {
    const list = this.#list;
    list.begin(head.bytes, head.valueStart(i), head.valueEnd(i));
    while (list.next()) {
      if (list.start === list.stop) continue;
      this.#namesProtocol = true;
      if (list.is(h2c) || list.is(h2)) this.#namesHttp2 = true;
    }
  }

  #noticeExpect(head: Head, i: number): void {
    const list = this.#list;
    list.begin(head.bytes, head.valueStart(i), head.valueEnd(i));
    while (list.next()) {
      if (list.is(continues)) this.expectsContinue = true;
      else if (list.start !== list.stop) this.oddExpectation = true;
    }
  }

  /** All fields are here. Gives a fault, or `Parsed.done`. */
  finish(head: Head): number {
    if (this.coded) {
      if (this.contentLength >= 0) return Fault.lengthAndCoding;
      if (this.otherCoding) return Fault.codingUnknown;
    }
    // A tunnel to HTTP/2 would carry requests that nobody here has looked at; to ignore an Upgrade is
    // always right (RFC 9110 section 7.8).
    this.upgrades = this.connection.upgrade && this.#namesProtocol && !this.#namesHttp2;
    return this.connection.dropNamed(head, this.#list);
  }
}
