// Requests for tests of what chooses by them: a shape with what most tests leave out, made into a head
// by heads.ts.
import { BodyKind } from "../../src/http/body-kind.ts";
import type { RequestHead } from "../../src/http/request-head.ts";
import { requestHead as headOf } from "./heads.ts";

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
  const head = headOf(
    utf8(`${method} ${target}`),
    all.map(([name, value]) => [utf8(name), utf8(value)] as const),
  );
  head.end = head.bytes.length;
  if (bodyLength !== undefined) {
    head.body = bodyLength < 0 ? BodyKind.chunked : BodyKind.length;
    head.contentLength = Math.max(0, bodyLength);
  }
  return head;
}

/** Each character one of its bytes. */
function utf8(text: string): string {
  return Buffer.from(text).toString("latin1");
}
