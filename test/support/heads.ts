// Heads for tests, filled as a codec fills them, and what a codec would write of them. Each character
// of a text is one byte.
import { hashStep } from "../../src/http/field-name.ts";
import { lowerCase } from "../../src/http/characters.ts";
import { type Head, text } from "../../src/http/head.ts";
import { type Method, methodNames, RequestHead } from "../../src/http/request-head.ts";
import { ResponseHead } from "../../src/http/response-head.ts";

export type Field = readonly [name: string, value: string];

/** `GET /path?query`, or another target form. Without a Host field among `fields` there is no host. */
export function requestHead(line: string, fields: readonly Field[] = []): RequestHead {
  const head = new RequestHead();
  const space = line.indexOf(" ");
  const method = line.slice(0, space);
  const target = line.slice(space + 1);
  fill(head, `${line} HTTP/1.1\r\n`, fields);
  head.method = Math.max(0, methodNames.indexOf(method)) as Method;
  head.methodEnd = space;
  head.targetStart = space + 1;
  head.targetEnd = space + 1 + target.length;
  const scheme = /^https?:\/\//i.exec(target)?.[0] ?? "";
  const query = target.indexOf("?");
  const authority = scheme === "" ? "" : (/^[^/?]*/.exec(target.slice(scheme.length))?.[0] ?? "");
  head.pathStart = head.targetStart + scheme.length + authority.length;
  head.pathEnd = query < 0 ? head.targetEnd : head.targetStart + query;
  if (method === "CONNECT") head.pathStart = head.pathEnd;
  head.queryStart = query < 0 ? 0 : head.pathEnd + 1;
  head.queryEnd = query < 0 ? 0 : head.targetEnd;
  const host = fields.findIndex(([name]) => name.toLowerCase() === "host");
  if (scheme !== "") setHost(head, head.targetStart + scheme.length, authority);
  else if (host >= 0) setHost(head, head.valueStart(host), head.valueText(host));
  return head;
}

export function responseHead(status: number, fields: readonly Field[] = []): ResponseHead {
  const head = new ResponseHead();
  fill(head, `HTTP/1.1 ${status} OK\r\n`, fields);
  head.status = status;
  return head;
}

/** The fields that would be sent, `name: value`, in order. */
export function fieldLines(head: Head): string[] {
  const lines: string[] = [];
  for (let i = 0; i < head.count; i++) {
    if (head.isDropped(i)) continue;
    const name = text(head.bytesOf(i), head.nameStart(i), head.nameEnd(i));
    lines.push(`${name}: ${head.valueText(i)}`);
  }
  return lines;
}

/** The target that would be sent. */
export function targetOf(head: RequestHead): string {
  if (head.newTarget !== null) return Buffer.from(head.newTarget).toString("latin1");
  return text(head.bytes, head.targetStart, head.targetEnd);
}

function setHost(head: RequestHead, start: number, authority: string): void {
  const port = /:[0-9]*$/.exec(authority)?.[0] ?? "";
  head.hostStart = start;
  head.hostEnd = start + authority.length - port.length;
  head.authorityEnd = start + authority.length;
}

function fill(head: Head, line: string, fields: readonly Field[]): void {
  const whole = `${line}${fields.map(([name, value]) => `${name}: ${value}\r\n`).join("")}\r\n`;
  head.reset(Uint8Array.from(Buffer.from(whole, "latin1")));
  let at = line.length;
  for (const [name, value] of fields) {
    const valueStart = at + name.length + 2;
    let hash = 0;
    for (let i = at; i < at + name.length; i++) {
      hash = hashStep(hash, lowerCase[head.bytes[i] as number] as number);
    }
    head.push(at, at + name.length, valueStart, valueStart + value.length, hash);
    at = valueStart + value.length + 2;
  }
}
