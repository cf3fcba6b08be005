// Where bodies end, what of them is data, and which framing is refused.
import { describe, expect, it } from "vitest";
import { lines } from "../../../test/support/message-samples.ts";
import { BodyKind } from "../body-kind.ts";
import { text } from "../head.ts";
import { BodyReader } from "./body-reader.ts";
import { Fault, faults } from "./fault.ts";

interface Read {
  readonly data: string;
  /** What follows the body. */
  readonly rest: string;
  readonly done: boolean;
  readonly fault: Fault | 0;
}

function read(whole: string, kind: BodyKind = BodyKind.chunked, length = 0): Read {
  const reader = new BodyReader();
  reader.begin(kind, length);
  const bytes = Buffer.from(whole, "latin1");
  let data = "";
  let at = 0;
  while (at < bytes.length && !reader.done && reader.fault === 0) {
    at = reader.next(bytes, at, bytes.length);
    data += text(bytes, reader.dataStart, reader.dataEnd);
  }
  expect(reader.dataBytes).toBe(data.length);
  return { data, rest: whole.slice(at), done: reader.done, fault: reader.fault };
}

/** A chunked body with these trailers. */
function trailers(...all: string[]): string {
  return lines("0", ...all, "");
}

/** Whether the body is whole when the peer ends behind this. */
function endsWell(kind: BodyKind, length: number, sent: string): boolean {
  const reader = new BodyReader();
  reader.begin(kind, length);
  reader.read(Buffer.from(sent), 0, sent.length);
  return reader.end();
}

const next = "GET /next HTTP/1.1\r\n";

describe("a body of known length", () => {
  it("ends behind its last byte, and is whatever it is", () => {
    const body = "0\r\n\r\n\0\xff";
    expect(read(body + next, BodyKind.length, body.length)).toEqual({
      data: body,
      rest: next,
      done: true,
      fault: 0,
    });
    expect(read(body, BodyKind.length, body.length + 1)).toMatchObject({ data: body, done: false });
  });

  it("may be none", () => {
    const none = { data: "", rest: next, done: true, fault: 0 };
    expect(read(next, BodyKind.length, 0)).toEqual(none);
    expect(read(next, BodyKind.none)).toEqual(none);
  });

  it("may pass unseen", () => {
    const reader = new BodyReader();
    reader.begin(BodyKind.length, 2 ** 53 - 1);
    reader.skip(2 ** 53 - 3);
    expect([reader.remaining, reader.done]).toEqual([2, false]);
    expect(reader.read(Buffer.from("abcd"), 1, 4)).toBe(3);
    expect([reader.dataBytes, reader.done]).toEqual([2 ** 53 - 1, true]);
  });
});

describe("a peer that ends", () => {
  it("ends a body without length, and cuts off any other", () => {
    expect(endsWell(BodyKind.untilClose, 0, "some")).toBe(true);
    expect(endsWell(BodyKind.untilClose, 0, "")).toBe(true);
    expect(endsWell(BodyKind.length, 4, "some")).toBe(true);
    expect(endsWell(BodyKind.length, 5, "some")).toBe(false);
    expect(endsWell(BodyKind.chunked, 0, "4\r\nsome\r\n0\r\n")).toBe(false);
    expect(endsWell(BodyKind.chunked, 0, "4\r\nsome\r\n0\r\n\r\n")).toBe(true);
  });
});

describe("a chunked body", () => {
  it("is the data of its chunks, and ends with its trailers", () => {
    const whole = `${lines("5", "hello", "0A;x", "\r\n0\r\n\r\n 1", "c", "c".repeat(12))}${trailers()}`;
    expect(read(whole)).toMatchObject({ done: false, fault: Fault.chunkEnd });
    const right = lines("5", "hello", "0A;x", "\r\n0\r\n\r\n 12", "c", "c".repeat(12)) + trailers();
    expect(read(right + next)).toEqual({
      data: `hello\r\n0\r\n\r\n 12${"c".repeat(12)}`,
      rest: next,
      done: true,
      fault: 0,
    });
    expect(read(trailers("A: b", "C:", "d:\x80 \t") + next)).toMatchObject({
      done: true,
      rest: next,
    });
  });

  it("tells how much data is certain to come, of which some may pass unseen", () => {
    const reader = new BodyReader();
    reader.begin(BodyKind.chunked, 0);
    const head = Buffer.from("ff\r\na");
    expect(reader.read(head, 0, head.length)).toBe(head.length);
    expect(reader.remaining).toBe(254);
    reader.skip(254);
    const tail = Buffer.from("\r\n0\r\n\r\nx");
    expect(reader.read(tail, 0, tail.length)).toBe(tail.length - 1);
    expect([reader.dataBytes, reader.done, reader.fault]).toEqual([255, true, 0]);
  });

  it("begins anew for the next message, even behind a fault", () => {
    const reader = new BodyReader();
    const bytes = Buffer.from(`1;${"e".repeat(4000)}\r\na\r\n0\r\nA: ${"t".repeat(8000)}\r\n\r\n`);
    reader.begin(BodyKind.chunked, 0);
    reader.read(Buffer.from("x"), 0, 1);
    expect(reader.fault).toBe(Fault.chunkSize);
    for (let i = 0; i < 3; i++) {
      reader.begin(BodyKind.chunked, 0);
      expect(reader.read(bytes, 0, bytes.length)).toBe(bytes.length);
      expect([reader.dataBytes, reader.done, reader.fault]).toEqual([1, true, 0]);
    }
  });

  it.each(["1", "01", "0000000000000001"])("may have the size %j", (size) => {
    expect(read(lines(size, "a", "0", ""))).toMatchObject({ data: "a", done: true, fault: 0 });
  });

  it.each([
    ";a",
    ";a=b",
    ';a="b"',
    ';a="\\"\r"'.replace("\r", "\t"),
    ";a;b=c;d",
    ';a=";"',
    ';a=""',
  ])("may have the extension %j", (extension) => {
    const whole = lines(`1${extension}`, "a", `0${extension}`, "");
    expect(read(whole)).toMatchObject({ data: "a", done: true, fault: 0 });
  });

  it.each<[status: number, fault: Fault, size: string]>([
    [400, Fault.chunkSize, ""],
    [400, Fault.chunkSize, " 1"],
    [400, Fault.chunkSize, "1 "],
    [400, Fault.chunkSize, "1\t"],
    [400, Fault.chunkSize, "-1"],
    [400, Fault.chunkSize, "+1"],
    [400, Fault.chunkSize, "0x1"],
    [400, Fault.chunkSize, "g"],
    [400, Fault.chunkSize, "1_0"],
    [400, Fault.chunkSize, "1\ra"],
    [400, Fault.chunkSize, "1\n"],
    [400, Fault.chunkSize, "00000000000000001"],
    [413, Fault.chunkTooLarge, "20000000000000"],
    [413, Fault.chunkTooLarge, "fffffffffffffffffffffffff"],
    [400, Fault.chunkExtension, "1;"],
    [400, Fault.chunkExtension, "1; a"],
    [400, Fault.chunkExtension, "1;a =b"],
    [400, Fault.chunkExtension, "1;a= b"],
    [400, Fault.chunkExtension, "1;a="],
    [400, Fault.chunkExtension, "1;=b"],
    [400, Fault.chunkExtension, '1;a="b'],
    [400, Fault.chunkExtension, '1;a="b"c'],
    [400, Fault.chunkExtension, "1;a\n"],
    [400, Fault.chunkExtension, "1;a\0"],
    [400, Fault.chunkExtension, '1;a="\\\r"'],
    [413, Fault.chunkExtensionsTooLong, `1;${"a".repeat(4096)}`],
  ])("with %d fault %d the size line %j", (status, fault, size) => {
    const found = read(lines(size, "a", "0", ""));
    expect(found).toMatchObject({ data: "", done: false, fault });
    expect(faults[fault].status).toBe(status);
  });

  it("is refused when a chunk does not end where it should", () => {
    for (const end of ["", "b\r\n", "\n", "\rb", "\r\r\n"]) {
      expect(read(`1\r\na${end}0\r\n\r\n`)).toMatchObject({ data: "a", fault: Fault.chunkEnd });
    }
  });

  it("is refused for many small extensions as for one large one", () => {
    const chunk = lines(`1;${"e".repeat(99)}`, "a");
    expect(read(chunk.repeat(40) + trailers())).toMatchObject({ done: true });
    expect(read(chunk.repeat(41) + trailers())).toMatchObject({
      done: false,
      fault: Fault.chunkExtensionsTooLong,
    });
  });

  it.each<[fault: Fault, trailer: string]>([
    [Fault.trailer, " folded"],
    [Fault.trailer, "A : b"],
    [Fault.trailer, ": b"],
    [Fault.trailer, "nothing"],
    [Fault.trailer, "A: b\rc"],
    [Fault.trailer, "A: b\n"],
    [Fault.trailer, "A: \0"],
    [Fault.trailer, "\n"],
    [Fault.trailerName, "Content-Length: 1"],
    [Fault.trailerName, "transfer-ENCODING: chunked"],
    [Fault.trailerName, "Host: y"],
    [Fault.trailerName, "Connection: close"],
    [Fault.trailerName, "Authorization: x"],
    [Fault.trailerName, "Cookie: a=b"],
    [Fault.trailerName, "X-Forwarded-For: 1.2.3.4"],
    [Fault.trailerName, "x-forwarded"],
    [Fault.trailersTooLong, `A: ${"b".repeat(8192)}`],
  ])("is refused with fault %d for the trailer %j", (fault, trailer) => {
    expect(read(trailers("Digest: x", trailer))).toMatchObject({ done: false, fault });
  });

  it("may have trailers up to their limit, however many there are", () => {
    const line = "abc: defgh\r\n";
    expect(read(`0\r\n${line.repeat(600)}\r\n`)).toMatchObject({ done: true, fault: 0 });
    expect(read(`0\r\n${line.repeat(900)}\r\n`)).toMatchObject({ fault: Fault.trailersTooLong });
    expect(read(trailers("Contents-Length: 1", "X-Forward: 1", "Hosts: y"))).toMatchObject({
      done: true,
    });
  });
});
