// Parsers that know heads again, fed with the same head several times: it must be the same each time, whatever was
// done to it in between. Every message that a test of the codec reads goes through here too.
import { Parsed } from "../../src/http/h1/fault.ts";
import { patienceMin, RepeatedHeads, repeatedBytes } from "../../src/http/h1/repeated-heads.ts";
import { type RequestLimits, RequestParser } from "../../src/http/h1/request-parser.ts";
import { type ResponseLimits, ResponseParser } from "../../src/http/h1/response-parser.ts";
import { known } from "../../src/http/field-name.ts";
import type { Head } from "../../src/http/head.ts";
import { type Method, RequestHead } from "../../src/http/request-head.ts";
import { ResponseHead } from "../../src/http/response-head.ts";

/** What is received; longer messages are not repeated. */
export const receivedBytes: number = 64 * 1024;
/** With the memory of both. */
export const memoryBytes: number = receivedBytes + 2 * repeatedBytes;

const noLimits = { headBytes: 0, headerCount: 0, uriBytes: 0 };

export function requestMemory(bytes: Uint8Array, patience?: number): RequestParser {
  const heads = new RepeatedHeads(bytes, receivedBytes, () => new RequestHead(), patience);
  return new RequestParser(noLimits, heads);
}

export function responseMemory(
  bytes: Uint8Array,
  limits: ResponseLimits,
  patience?: number,
): ResponseParser {
  const start = receivedBytes + repeatedBytes;
  return new ResponseParser(
    limits,
    new RepeatedHeads(bytes, start, () => new ResponseHead(), patience),
  );
}

const received = new Uint8Array(memoryBytes);
const requests = requestMemory(received, patienceMin);
const responses = responseMemory(received, noLimits, patienceMin);

/** Until it is known even if another one has its place: that one is asked for no more. */
const times = patienceMin + 2;
const value = Buffer.from("changed", "latin1");

/** What rewrites may do to a head. */
export function change(head: Head): void {
  for (let i = 0; i < head.count; i += 2) head.drop(i);
  if (head.count > 0) head.replaceValue(head.count - 1, value, 0, value.length);
  head.add(known.forwarded, value, 0, value.length);
  if (head instanceof RequestHead) head.newTarget = value;
}

/** Parses a message at a place; gives the verdict. */
type Parse = (start: number, end: number) => number;

/** `told` is called with each verdict. Somewhere else each time. */
function repeat(
  message: Uint8Array,
  parser: { readonly head: Head; readonly end: number },
  parse: Parse,
  told: (verdict: number, length: number) => void,
): void {
  if (message.length > receivedBytes - times) return;
  for (let time = 0; time < times; time++) {
    received.set(message, time);
    const verdict = parse(time, time + message.length);
    told(verdict, parser.end - time);
    if (verdict !== Parsed.done) return;
    change(parser.head);
  }
}

/** `read` is called with what was said each time. */
export function repeatRequest(
  message: Uint8Array,
  limits: RequestLimits,
  read: (head: RequestHead, verdict: number, length: number) => void,
): void {
  requests.limits = limits;
  const parse: Parse = (start, end) => requests.parse(received, start, end, null);
  repeat(message, requests, parse, (verdict, length) => read(requests.head, verdict, length));
}

/** The same with a response. */
export function repeatResponse(
  message: Uint8Array,
  method: Method,
  limits: ResponseLimits,
  read: (head: ResponseHead, verdict: number, length: number) => void,
): void {
  responses.limits = limits;
  const parse: Parse = (start, end) => responses.parse(received, start, end, method, null);
  repeat(message, responses, parse, (verdict, length) => read(responses.head, verdict, length));
}
