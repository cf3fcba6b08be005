// However a message is cut into pieces on its way, it means the same: each sample, and each kind of
// fault, split at every byte, and byte by byte.
import { describe, expect, it } from "vitest";
import {
  type Reading,
  RequestReading,
  ResponseReading,
} from "../../../test/support/message-reading.ts";
import { lines, requestSamples, responseSamples } from "../../../test/support/message-samples.ts";
import { Method } from "../request-head.ts";
import { Fault } from "./fault.ts";

interface Feed {
  readonly reading: Reading;
  feed: (piece: string) => void;
  end: () => void;
}

/** Fails unless it is read alike in all ways. Gives how. */
function readInAllWays(open: () => Feed, whole: string): Reading {
  const read = (pieces: string[]): Reading => {
    const feed = open();
    for (const piece of pieces) feed.feed(piece);
    feed.end();
    return feed.reading;
  };
  const expected = read([whole]);
  const asText = JSON.stringify(expected);
  const others: unknown[] = [];
  // Comparing texts is many times faster than comparing objects, and there are thousands.
  const check = (how: string, pieces: string[]): void => {
    const reading = read(pieces);
    if (JSON.stringify(reading) !== asText) others.push({ how, reading, expected });
  };
  for (let at = 1; at < whole.length; at++) {
    check(`split at ${at}`, [whole.slice(0, at), whole.slice(at)]);
  }
  check("byte by byte", whole.split(""));
  check("three by three", whole.match(/[^]{1,3}/g) ?? []);
  expect(others).toEqual([]);
  return expected;
}

describe("a whole message", () => {
  it.each(requestSamples)("is the same request however it is split: %j", (sample) => {
    const reading = readInAllWays(() => new RequestReading(), sample);
    expect(reading.fault).toBe(0);
    expect(reading.messages.length).toBeGreaterThan(0);
    expect(reading.messages.filter(({ complete }) => !complete)).toEqual([]);
  });

  it.each(responseSamples)("is the same response however it is split: %j", (sample) => {
    const reading = readInAllWays(() => new ResponseReading(), sample);
    expect(reading.fault).toBe(0);
    expect(reading.messages.length).toBeGreaterThan(0);
    expect(reading.messages.filter(({ complete }) => !complete)).toEqual([]);
    readInAllWays(() => new ResponseReading(Method.head), sample);
  });
});

describe("a fault", () => {
  const get = "GET / HTTP/1.1";
  const chunked = lines("POST / HTTP/1.1", "Host: x", "Transfer-Encoding: chunked", "");
  it.each<[string, Fault]>([
    ["\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\n\x0d", Fault.tls],
    ["PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", Fault.http2],
    [lines("", "", "", "", "", get, "Host: x", ""), Fault.method],
    [lines(`${"M".repeat(33)} / HTTP/1.1`, "Host: x", ""), Fault.methodTooLong],
    ["GET /\r\n\r\n", Fault.target],
    [lines("GET / HTTP/3.0", "Host: x", ""), Fault.versionUnsupported],
    [lines("GET / http/1.1", "Host: x", ""), Fault.version],
    ["GET / HTTP/1.1\nHost: x\n\n", Fault.version],
    ["GET / HTTP/1.1\r\nHost: x\nA: b\r\n\r\n", Fault.lineEnd],
    ["GET / HTTP/1.1\r\nHost: x\rA: b\r\n\r\n", Fault.lineEnd],
    [lines(get, "Host: x", "A: b\0c", ""), Fault.fieldValue],
    [lines(get, "Host: x", "A: b", " c", ""), Fault.fold],
    [lines(get, "Host : x", ""), Fault.spaceInName],
    [lines(get, "Host: x", "no colon", ""), Fault.spaceInName],
    [lines(get, ""), Fault.hostMissing],
    [lines(get, "Host: x", "A: b", "Host: x", ""), Fault.hostTwice],
    [lines(get, "Host: x", "Content-Length: 1", "Content-Length: 1", ""), Fault.contentLengthTwice],
    [lines(get, "Content-Length: 1", "Transfer-Encoding: chunked", ""), Fault.lengthAndCoding],
    [lines(get, "Host: x", "Transfer-Encoding: gzip", ""), Fault.codingUnknown],
    [`${chunked}1\r\nab\r\n`, Fault.chunkEnd],
    [`${chunked}1 \r\na\r\n`, Fault.chunkSize],
    [`${chunked}0\r\nHost: y\r\n\r\n`, Fault.trailerName],
  ])("of a request is found however it is split: %j", (text, fault) => {
    expect(readInAllWays(() => new RequestReading(), text).fault).toBe(fault);
  });

  it("against a limit is found however it is split", () => {
    const limits = { headBytes: 120, headerCount: 3, uriBytes: 20 };
    const open = (): Feed => new RequestReading(limits);
    const fields = ["A: 1", "B: 2", "C: 3"];
    const long = `GET /${"u".repeat(20)} HTTP/1.1`;
    expect(readInAllWays(open, lines(get, "Host: x", ...fields, "")).fault).toBe(
      Fault.tooManyFields,
    );
    expect(readInAllWays(open, lines(get, "Host: x", ...fields.slice(1), "")).fault).toBe(0);
    expect(readInAllWays(open, lines(get, "Host: x", `A: ${"b".repeat(90)}`, "")).fault).toBe(
      Fault.headTooLong,
    );
    expect(readInAllWays(open, lines(long, "Host: x", "")).fault).toBe(Fault.targetTooLong);
    expect(readInAllWays(open, lines(long.replace("u", ""), "Host: x", "")).fault).toBe(0);
  });

  it.each<[string, Fault]>([
    ["SSH-2.0-OpenSSH_9.6\r\n", Fault.statusLine],
    ["HTTP/1.1 2000 OK\r\n\r\n", Fault.statusLine],
    ["HTTP/1.1 600 OK\r\n\r\n", Fault.status],
    ["HTTP/2.0 200 OK\r\n\r\n", Fault.versionUnsupported],
    ["HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n", Fault.fold],
    ["HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", Fault.contentLength],
  ])("of a response is found however it is split: %j", (text, fault) => {
    expect(readInAllWays(() => new ResponseReading(), text).fault).toBe(fault);
  });
});
