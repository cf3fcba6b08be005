// What workers share of sessions: found until they end, made room for, never read half written.
import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { createSessionCache, SessionCache, sessionIdBytes } from "./session-cache.ts";

const minute = 60_000;

function text(found: Uint8Array | null): string | null {
  return found === null ? null : Buffer.from(found).toString();
}

/** Ids that all belong into the first bucket and no other, whatever the number of buckets. */
function idInFirstBucket(): Buffer {
  const id = randomBytes(sessionIdBytes);
  id.fill(0, 0, 8);
  return id;
}

describe("a session", () => {
  it("is found in every view of the memory until it ends", () => {
    const memory = createSessionCache(100, false);
    const [one, other] = [new SessionCache(memory), new SessionCache(memory)];
    const id = randomBytes(sessionIdBytes);
    expect(one.get(id, 0)).toBeNull();
    expect(one.put(id, Buffer.from("secret"), minute, 1000)).toBe(true);
    expect(text(other.get(id, 1000))).toBe("secret");
    expect(text(other.get(id, 1000 + minute - 20))).toBe("secret");
    expect(other.get(id, 1000 + minute)).toBeNull();
  });

  it("replaces the one of the same id", () => {
    const cache = new SessionCache(createSessionCache(100, false));
    const id = randomBytes(sessionIdBytes);
    cache.put(id, Buffer.from("a long one at first"), minute, 0);
    cache.put(id, Buffer.from("short"), minute, 0);
    expect(text(cache.get(id, 0))).toBe("short");
    cache.remove(id);
    expect(cache.get(id, 0)).toBeNull();
  });

  it("is forgotten, and others are not", () => {
    const cache = new SessionCache(createSessionCache(1, false));
    const ids = Array.from({ length: 8 }, idInFirstBucket);
    for (const [i, id] of ids.entries()) cache.put(id, Buffer.from(String(i)), minute, 0);
    cache.remove(ids[3] as Buffer);
    expect(ids.map((id) => text(cache.get(id, 0)))).toEqual([
      "0",
      "1",
      "2",
      null,
      "4",
      "5",
      "6",
      "7",
    ]);
    cache.remove(randomBytes(sessionIdBytes));
    cache.remove(Buffer.alloc(4));
  });

  it("may be as large as the memory was made for, and no larger", () => {
    for (const certified of [false, true]) {
      const cache = new SessionCache(createSessionCache(10, certified));
      const id = randomBytes(sessionIdBytes);
      const largest = randomBytes(cache.sessionBytesMax);
      expect(cache.put(id, largest, minute, 0)).toBe(true);
      expect(cache.get(id, 0)).toEqual(new Uint8Array(largest));
      const more = Buffer.alloc(cache.sessionBytesMax + 1);
      expect(cache.put(randomBytes(sessionIdBytes), more, minute, 0)).toBe(false);
      expect(cache.sessionBytesMax).toBeGreaterThan(certified ? 4000 : 400);
    }
  });

  it("has an id of 32 bytes: no other one is kept or found", () => {
    const cache = new SessionCache(createSessionCache(10, false));
    for (const length of [0, 16, 31, 33]) {
      const id = Buffer.alloc(length);
      expect(cache.put(id, Buffer.from("x"), minute, 0)).toBe(false);
      expect(cache.get(id, 0)).toBeNull();
    }
  });
});

describe("a full bucket", () => {
  it("gives up one that has ended, else the one that ends first", () => {
    const cache = new SessionCache(createSessionCache(1, false));
    const ids = Array.from({ length: 8 }, idInFirstBucket);
    for (const [i, id] of ids.entries()) {
      cache.put(id, Buffer.from(String(i)), minute * (i === 5 ? 1 : 10 + i), 0);
    }
    const [late, later] = [idInFirstBucket(), idInFirstBucket()];
    cache.put(late, Buffer.from("late"), 30 * minute, 2 * minute);
    cache.put(later, Buffer.from("later"), 30 * minute, 2 * minute);
    const found = [...ids, late, later].map((id) => text(cache.get(id, 2 * minute)));
    expect(found).toEqual([null, "1", "2", "3", "4", null, "6", "7", "late", "later"]);
  });

  it("is rare: as many as were asked for are kept", () => {
    const cache = new SessionCache(createSessionCache(1000, false));
    const ids = Array.from({ length: 1000 }, () => randomBytes(sessionIdBytes));
    for (const id of ids) cache.put(id, Buffer.from("x"), minute, 0);
    const kept = ids.filter((id) => cache.get(id, 0) !== null).length;
    expect(kept).toBeGreaterThan(995);
  });
});

it("what another thread is writing counts as absent, and is left alone", () => {
  const memory = createSessionCache(1, false);
  const cache = new SessionCache(memory);
  const id = idInFirstBucket();
  cache.put(id, Buffer.from("x"), minute, 0);
  const cells = new Int32Array(memory.buffer);
  // Its version is odd while a thread writes.
  const version = (cells.findIndex((value) => value !== 0) >> 7) << 7;
  cells[version] = (cells[version] ?? 0) + 1;
  expect(cache.get(id, 0)).toBeNull();
  expect(cache.put(id, Buffer.from("y"), minute, 0)).toBe(false);
  cache.remove(id);
  cells[version] = (cells[version] ?? 0) + 1;
  expect(text(cache.get(id, 0))).toBe("x");
});
