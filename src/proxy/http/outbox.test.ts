// What is composed goes out whole and in order, in one piece if there is room, whether its head was written now or
// stands where it was kept.
import { describe, expect, it } from "vitest";
import { repeatedBytes, writtenBytesMax } from "../../http/h1/repeated-heads.ts";
import { scratchBytes } from "../../reactor/record-memory.ts";
import type { Connection } from "../../reactor/reactor.ts";
import { Outbox } from "./outbox.ts";

const start = 10_000;
const keptAt = 100;

interface Scene {
  readonly outbox: Outbox;
  /** What was written, a text for each call. */
  readonly pieces: string[];
  readonly to: Connection;
}

/** A head of 5 bytes is here: just written, or kept. */
function open(kept: boolean): Scene {
  const bytes = new Uint8Array(start + 20_000);
  const outbox = new Outbox(bytes, start);
  const pieces: string[] = [];
  const write = (from: Uint8Array, at: number, end: number): boolean => {
    pieces.push(Buffer.from(from.subarray(at, end)).toString("latin1"));
    return true;
  };
  bytes.set(Buffer.from("HEAD:"), kept ? keptAt : start);
  const to = { unsent: 0, write } as unknown as Connection;
  if (kept) outbox.repeat(to, keptAt, keptAt + 5);
  else outbox.compose(to, start + 5);
  return { outbox, pieces, to };
}

function body(length: number): Uint8Array {
  return Buffer.alloc(length, "b");
}

describe.each([
  ["written now", false],
  ["kept", true],
] as const)("behind a head that was %s", (_, kept) => {
  it.each([0, 1, writtenBytesMax - 5, writtenBytesMax - 4, 19_995])(
    "%i bytes go in the same write",
    (length) => {
      const { outbox, pieces, to } = open(kept);
      outbox.append(to, body(length), 0, length);
      expect(outbox.flush(to)).toBe(true);
      expect(pieces).toEqual([`HEAD:${"b".repeat(length)}`]);
    },
  );

  it("what does not fit goes by itself", () => {
    const { outbox, pieces, to } = open(kept);
    outbox.append(to, body(19_996), 0, 19_996);
    outbox.flush(to);
    expect(pieces).toEqual(["HEAD:", "b".repeat(19_996)]);
  });

  it("chunks follow, and more than there is room for", () => {
    const { outbox, pieces, to } = open(kept);
    const length = 1500;
    for (let count = 0; count < 30; count++) {
      outbox.appendChunkHead(to, length);
      outbox.append(to, body(length), 0, length);
    }
    outbox.flush(to);
    expect(pieces.join("")).toBe(`HEAD:${`5dc\r\n${"b".repeat(length)}`.repeat(30)}`);
    expect(pieces.length).toBeLessThan(6);
  });

  it("whoever comes next gets none of it", () => {
    const other: string[] = [];
    const next = {
      unsent: 0,
      write: (from: Uint8Array, at: number, end: number) => {
        other.push(Buffer.from(from.subarray(at, end)).toString("latin1"));
        return true;
      },
    } as unknown as Connection;
    const ways: ((outbox: Outbox) => void)[] = [
      (outbox) => outbox.append(next, body(2), 0, 2),
      (outbox) => outbox.appendChunkHead(next, 2),
      (outbox) => outbox.flush(next),
      (outbox) => outbox.compose(next, outbox.start + 5),
    ];
    for (const way of ways) {
      const { outbox, pieces, to } = open(kept);
      way(outbox);
      outbox.flush(next);
      outbox.flush(to);
      expect(pieces).toEqual([]);
    }
    expect(other).toEqual(["bb", "2\r\n", kept ? "\0".repeat(5) : "HEAD:"]);
  });

  it("the next message begins where all do", () => {
    const { outbox, pieces, to } = open(kept);
    outbox.flush(to);
    outbox.bytes.set(Buffer.from("NEXT:"), outbox.start);
    outbox.compose(to, outbox.start + 5);
    outbox.append(to, body(2), 0, 2);
    outbox.flush(to);
    expect(pieces).toEqual(["HEAD:", "NEXT:bb"]);
  });
});

it("beside the heads that repeat there is room for the longest head of a response, and more", () => {
  expect(scratchBytes - 2 * repeatedBytes).toBeGreaterThanOrEqual(64 * 1024);
});

it("with nothing before them, bytes are written from where they stand", () => {
  const { outbox, pieces, to } = open(false);
  outbox.flush(to);
  outbox.append(to, body(3), 0, 3);
  expect(pieces).toEqual(["HEAD:", "bbb"]);
  outbox.flush(to);
  expect(pieces).toHaveLength(2);
});
