// The head of a request, as a codec has understood it.
import { BodyKind } from "./body-kind.ts";
import { Head, text } from "./head.ts";

/** Methods that something here treats in its own way; `other`: any token. */
export const Method = {
  other: 0,
  get: 1,
  head: 2,
  post: 3,
  put: 4,
  delete: 5,
  options: 6,
  trace: 7,
  connect: 8,
  patch: 9,
} as const;
export type Method = (typeof Method)[keyof typeof Method];

/** Their spelling. Index: the Method. Names are case-sensitive. */
export const methodNames: readonly string[] = [
  "",
  "GET",
  "HEAD",
  "POST",
  "PUT",
  "DELETE",
  "OPTIONS",
  "TRACE",
  "CONNECT",
  "PATCH",
];

/** Sent twice they do no more than once (RFC 9110 section 9.2.2). */
export function isIdempotent(method: Method): boolean {
  return (
    method !== Method.other &&
    method !== Method.post &&
    method !== Method.patch &&
    method !== Method.connect
  );
}

export class RequestHead extends Head {
  method: Method;
  methodStart: number;
  methodEnd: number;
  /** The target as sent. */
  targetStart: number;
  targetEnd: number;
  /** Its path; `*` of OPTIONS; empty for CONNECT and an absolute form without one (then it is `/`). */
  pathStart: number;
  pathEnd: number;
  /** Without its question mark; both 0: there is none, which is not an empty one. */
  queryStart: number;
  queryEnd: number;
  /** Of the target, or of the Host field, without the port; equal: there is none. */
  hostStart: number;
  hostEnd: number;
  /** Where host and port end. */
  authorityEnd: number;
  /** Of HTTP/1.x its x; 0 or 1. */
  minor: number;
  body: BodyKind;
  /** Of a body of kind `length`. */
  contentLength: number;
  /** The client wants to go on with this connection, and may. */
  persistent: boolean;
  /** It waits for 100 before it sends the body. */
  expectsContinue: boolean;
  /** It asks for another protocol (Connection: upgrade, and an Upgrade field). */
  upgrades: boolean;
  /** It said `TE: trailers`. */
  acceptsTrailers: boolean;
  /** Where the message begins in `bytes`, and where its head ends: the body follows. */
  start: number;
  end: number;
  /** What rewriting has made of the target; null: as sent. */
  newTarget: Uint8Array | null;

  constructor() {
    super();
    this.method = Method.other;
    this.methodStart = 0;
    this.methodEnd = 0;
    this.targetStart = 0;
    this.targetEnd = 0;
    this.pathStart = 0;
    this.pathEnd = 0;
    this.queryStart = 0;
    this.queryEnd = 0;
    this.hostStart = 0;
    this.hostEnd = 0;
    this.authorityEnd = 0;
    this.minor = 1;
    this.body = BodyKind.none;
    this.contentLength = 0;
    this.persistent = true;
    this.expectsContinue = false;
    this.upgrades = false;
    this.acceptsTrailers = false;
    this.start = 0;
    this.end = 0;
    this.newTarget = null;
  }

  override relocate(bytes: Uint8Array, delta: number): void {
    super.relocate(bytes, delta);
    this.methodStart += delta;
    this.methodEnd += delta;
    this.targetStart += delta;
    this.targetEnd += delta;
    this.pathStart += delta;
    this.pathEnd += delta;
    if (this.queryEnd > 0) {
      this.queryStart += delta;
      this.queryEnd += delta;
    }
    this.hostStart += delta;
    this.hostEnd += delta;
    this.authorityEnd += delta;
    this.start += delta;
    this.end += delta;
  }

  /** As text, for logs and regular expressions; allocates. */
  pathText(): string {
    return text(this.bytes, this.pathStart, this.pathEnd);
  }
}
