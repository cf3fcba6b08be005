// A whole answer of our own as bytes, made when the plan is built: the response to HEAD is the same
// bytes without the last ones, and each way to go on with the connection has bytes of its own. So an
// answer costs one write. Only its Date is written into it, once a second.

/** What the answer says of the connection. */
export const AnswerConnection = {
  /** Nothing, which in HTTP/1.1 means that it stays. */
  keep: 0,
  close: 1,
  /** It stays, and an HTTP/1.0 client must be told so. */
  keepAlive: 2,
} as const;
export type AnswerConnection = (typeof AnswerConnection)[keyof typeof AnswerConnection];

const connectionLines: readonly string[] = [
  "",
  "connection: close\r\n",
  "connection: keep-alive\r\n",
];
const dateName = "date: ";
/** RFC 9110 section 5.6.7, always so long: `Sun, 06 Nov 1994 08:49:37 GMT`. */
const dateBytes = 29;

/** One response to HTTP/1.x, complete. */
export interface AnswerForm {
  readonly bytes: Uint8Array;
  /** Where the body begins: what is sent to HEAD ends there. */
  readonly headEnd: number;
  /** Where its Date stands; -1: it has one of its own. */
  readonly dateAt: number;
}

/** `fields`: complete lines. `body` is what a GET gets; `length` says it, unless there cannot be one. */
export function answerForm(
  status: number,
  reason: string,
  fields: Uint8Array,
  hasDate: boolean,
  body: Uint8Array,
  connection: AnswerConnection,
): AnswerForm {
  const date = hasDate ? "" : `${dateName}${" ".repeat(dateBytes)}\r\n`;
  const kept = hasNoContent(status) ? new Uint8Array(0) : body;
  // RFC 9110 section 8.6: 204 must not have it, 304 need not; 205 has a body of no bytes (15.3.6).
  const saysLength = !hasNoContent(status) || status === 205;
  const length = saysLength ? `content-length: ${kept.length}\r\n` : "";
  const opening = `HTTP/1.1 ${status} ${reason}\r\n${date}`;
  const ending = `${length}${connectionLines[connection]}\r\n`;
  const bytes = Buffer.concat([
    Buffer.from(opening, "latin1"),
    fields,
    Buffer.from(ending, "latin1"),
    kept,
  ]);
  const headEnd = bytes.length - kept.length;
  return { bytes, headEnd, dateAt: hasDate ? -1 : opening.length - dateBytes - 2 };
}

/** Whatever the plan says, there is no body. */
export function hasNoContent(status: number): boolean {
  return status === 204 || status === 205 || status === 304;
}

let dateSecond = -1;
let date: Uint8Array = new Uint8Array(dateBytes);

/** Writes the time at `at`; formatted once a second. */
export function writeDate(bytes: Uint8Array, at: number, nowMs: number): void {
  const second = Math.floor(nowMs / 1000);
  if (second !== dateSecond) {
    dateSecond = second;
    date = Buffer.from(new Date(second * 1000).toUTCString(), "latin1");
  }
  for (let i = 0; i < dateBytes; i++) bytes[at + i] = date[i] as number;
}
