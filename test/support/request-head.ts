// Request heads for tests of what works on them, without a codec: places are filled in as one would.
import { BodyKind } from "../../src/http/body-kind.ts";
import { lowerCase } from "../../src/http/characters.ts";
import { hashStep, known } from "../../src/http/field-name.ts";
import { Method, methodNames, RequestHead } from "../../src/http/request-head.ts";

export interface RequestShape {
  readonly method?: string;
  /** Path and query as sent. */
  readonly target?: string;
  /** With or without port; empty: no Host field. */
  readonly host?: string;
  readonly fields?: readonly (readonly [name: string, value: string])[];
  /** Bytes of the body; undefined: none. Below 0: chunked. */
  readonly bodyLength?: number;
}

/** A head as a codec would leave it. Text is taken as UTF-8. */
export function requestHead(shape: RequestShape): RequestHead {
  const { method = "GET", target = "/", host = "example.com", fields = [], bodyLength } = shape;
  const all = host === "" ? fields : [["Host", host] as const, ...fields];
  const lines = all.map(([name, value]) => `${name}: ${value}\r\n`);
  const bytes = Buffer.from(`${method} ${target} HTTP/1.1\r\n${lines.join("")}\r\n`);
  const head = new RequestHead();
  head.reset(bytes);
  head.method = Math.max(methodNames.indexOf(method), Method.other) as Method;
  head.methodEnd = Buffer.byteLength(method);
  head.targetStart = head.methodEnd + 1;
  head.targetEnd = head.targetStart + Buffer.byteLength(target);
  head.pathStart = head.targetStart;
  head.pathEnd = head.method === Method.connect ? head.targetStart : head.targetEnd;
  const mark = Buffer.from(target).indexOf("?");
  if (mark >= 0) {
    head.pathEnd = head.targetStart + mark;
    head.queryStart = head.pathEnd + 1;
    head.queryEnd = head.targetEnd;
  }
  let at = head.targetEnd + " HTTP/1.1\r\n".length;
  for (const [name, value] of all) {
    const nameEnd = at + Buffer.byteLength(name);
    const valueStart = nameEnd + 2;
    const valueEnd = valueStart + Buffer.byteLength(value);
    let hash = 0;
    for (let i = at; i < nameEnd; i++)
      hash = hashStep(hash, lowerCase[bytes[i] as number] as number);
    head.push(at, nameEnd, valueStart, valueEnd, hash);
    at = valueEnd + 2;
  }
  placeHost(head);
  head.end = bytes.length;
  if (bodyLength !== undefined) {
    head.body = bodyLength < 0 ? BodyKind.chunked : BodyKind.length;
    head.contentLength = Math.max(0, bodyLength);
  }
  return head;
}

function placeHost(head: RequestHead): void {
  const field = head.find(known.host);
  if (field < 0) return;
  head.hostStart = head.valueStart(field);
  head.authorityEnd = head.valueEnd(field);
  const port = /:[0-9]*$/.exec(head.valueText(field));
  head.hostEnd = port === null ? head.authorityEnd : head.hostStart + port.index;
}
