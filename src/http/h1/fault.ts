// What a codec may find: a whole head, part of one, or a fault with its HTTP status and a reason for
// the log. Numbers, so that parsers return them without allocating. Of a response every fault is the
// server's, and the client sees 502.

/** What a parser returns, if no fault. */
export const Parsed = { needMore: 0, done: 1 } as const;

/** Every number above `Parsed.done` that a parser returns is one of these. */
export const Fault = {
  tls: 2,
  method: 3,
  methodTooLong: 4,
  target: 5,
  targetTooLong: 6,
  targetForm: 7,
  version: 8,
  versionUnsupported: 9,
  http2: 10,
  lineEnd: 11,
  headTooLong: 12,
  tooManyFields: 13,
  fieldName: 14,
  spaceInName: 15,
  fold: 16,
  fieldValue: 17,
  hostMissing: 18,
  hostTwice: 19,
  host: 20,
  hostMismatch: 21,
  contentLength: 22,
  contentLengthTwice: 23,
  contentLengthTooLarge: 24,
  lengthAndCoding: 25,
  coding: 26,
  codingUnknown: 27,
  chunkedNotLast: 28,
  codingInHttp10: 29,
  connection: 30,
  connectionNames: 31,
  expectation: 32,
  connectBody: 33,
  statusLine: 34,
  status: 35,
  chunkSize: 36,
  chunkTooLarge: 37,
  chunkExtension: 38,
  chunkExtensionsTooLong: 39,
  chunkEnd: 40,
  trailer: 41,
  trailerName: 42,
  trailersTooLong: 43,
} as const;
export type Fault = (typeof Fault)[keyof typeof Fault];

export interface FaultDescription {
  /** What a client is told that sent this. */
  readonly status: number;
  /** For the log. */
  readonly reason: string;
}

function bad(reason: string): FaultDescription {
  return { status: 400, reason };
}

/** Index: the Fault. */
export const faults: Readonly<Record<Fault, FaultDescription>> = {
  [Fault.tls]: bad("TLS where plain HTTP is spoken"),
  [Fault.method]: bad("malformed method"),
  [Fault.methodTooLong]: { status: 501, reason: "method too long" },
  [Fault.target]: bad("malformed request target"),
  [Fault.targetTooLong]: { status: 414, reason: "request target too long" },
  [Fault.targetForm]: bad("request target not of the form that the method wants"),
  [Fault.version]: bad("malformed HTTP version"),
  [Fault.versionUnsupported]: { status: 505, reason: "HTTP version not supported" },
  [Fault.http2]: { status: 505, reason: "HTTP/2 where HTTP/1.1 is spoken" },
  [Fault.lineEnd]: bad("line does not end with CR LF"),
  [Fault.headTooLong]: { status: 431, reason: "head too long" },
  [Fault.tooManyFields]: { status: 431, reason: "too many header fields" },
  [Fault.fieldName]: bad("malformed field name"),
  [Fault.spaceInName]: bad("white space in or after a field name"),
  [Fault.fold]: bad("folded field"),
  [Fault.fieldValue]: bad("control byte in a field value"),
  [Fault.hostMissing]: bad("no Host field"),
  [Fault.hostTwice]: bad("more than one Host field"),
  [Fault.host]: bad("malformed host"),
  [Fault.hostMismatch]: bad("Host field and request target name different hosts"),
  [Fault.contentLength]: bad("malformed Content-Length"),
  [Fault.contentLengthTwice]: bad("more than one Content-Length"),
  [Fault.contentLengthTooLarge]: { status: 413, reason: "Content-Length beyond 2^53" },
  [Fault.lengthAndCoding]: bad("both Content-Length and Transfer-Encoding"),
  [Fault.coding]: bad("malformed Transfer-Encoding"),
  [Fault.codingUnknown]: { status: 501, reason: "unknown transfer coding" },
  [Fault.chunkedNotLast]: bad("transfer coding after chunked"),
  [Fault.codingInHttp10]: bad("Transfer-Encoding in HTTP/1.0"),
  [Fault.connection]: bad("malformed Connection field"),
  [Fault.connectionNames]: bad("Connection names a field that frames or routes"),
  [Fault.expectation]: { status: 417, reason: "unknown expectation" },
  [Fault.connectBody]: bad("CONNECT with a body"),
  [Fault.statusLine]: bad("malformed status line"),
  [Fault.status]: bad("status beyond 100 to 599"),
  [Fault.chunkSize]: bad("malformed chunk size"),
  [Fault.chunkTooLarge]: { status: 413, reason: "chunk beyond 2^53 bytes" },
  [Fault.chunkExtension]: bad("malformed chunk extension"),
  [Fault.chunkExtensionsTooLong]: { status: 413, reason: "chunk extensions too long" },
  [Fault.chunkEnd]: bad("chunk does not end with CR LF"),
  [Fault.trailer]: bad("malformed trailer field"),
  [Fault.trailerName]: bad("field not allowed in a trailer"),
  [Fault.trailersTooLong]: { status: 431, reason: "trailers too long" },
};

/** Of what a parser has returned. */
export function isFault(verdict: number): verdict is Fault {
  return verdict > Parsed.done;
}
