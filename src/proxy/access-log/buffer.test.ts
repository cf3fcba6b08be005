import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AccessLogBuffer, accessLogBufferBytes } from "./buffer.ts";

/** A buffer, and what it has shipped. */
function collect(bytesMax?: number): {
  buffer: AccessLogBuffer;
  batches: Uint8Array<ArrayBuffer>[];
} {
  const batches: Uint8Array<ArrayBuffer>[] = [];
  const buffer = new AccessLogBuffer((batch) => batches.push(batch), bytesMax);
  return { buffer, batches };
}

function texts(batches: Uint8Array[]): string[] {
  return batches.map((batch) => Buffer.from(batch).toString());
}

describe("AccessLogBuffer", () => {
  it("ships nothing when it is empty", () => {
    const { buffer, batches } = collect();
    buffer.flush();
    buffer.append("a\n");
    buffer.flush();
    buffer.flush();
    expect(texts(batches)).toEqual(["a\n"]);
  });

  it("keeps lines until it is flushed, and says how much waits", () => {
    const { buffer, batches } = collect();
    buffer.append("one\n");
    buffer.append("zwölf\n");
    expect(batches).toEqual([]);
    expect(buffer.pending).toBe(11);
    buffer.flush();
    expect(buffer.pending).toBe(0);
    expect(texts(batches)).toEqual(["one\nzwölf\n"]);
  });

  it("fills to the last byte, and ships when the next line does not fit", () => {
    const { buffer, batches } = collect(12);
    buffer.append("12345\n");
    buffer.append("äö1\n");
    expect(batches).toEqual([]);
    expect(buffer.pending).toBe(12);
    buffer.append("\n");
    expect(texts(batches)).toEqual(["12345\näö1\n"]);
    expect(buffer.pending).toBe(1);
  });

  it("holds 64 KiB", () => {
    const { buffer, batches } = collect();
    const line = `${"x".repeat(1023)}\n`;
    for (let i = 0; i < 64; i++) buffer.append(line);
    expect(buffer.pending).toBe(accessLogBufferBytes);
    expect(batches).toEqual([]);
    buffer.append("y\n");
    expect(batches.map((batch) => batch.length)).toEqual([65_536]);
  });

  it("ships a line that is longer than itself whole, in its order", () => {
    const { buffer, batches } = collect(8);
    buffer.append("ab\n");
    buffer.append("123456é789\n");
    buffer.append("c\n");
    buffer.flush();
    expect(texts(batches)).toEqual(["ab\n", "123456é789\n", "c\n"]);
  });

  it("gives each batch memory of its own, free to be transferred", () => {
    const { buffer, batches } = collect();
    buffer.append("first\n");
    buffer.flush();
    const [batch] = batches;
    const moved = structuredClone(batch, { transfer: batch ? [batch.buffer] : [] });
    buffer.append("other\n");
    buffer.flush();
    expect(batch?.byteLength).toBe(0);
    expect(Buffer.from(moved ?? []).toString()).toBe("first\n");
    expect(texts(batches.slice(1))).toEqual(["other\n"]);
  });

  it("loses, mixes and reorders nothing", () => {
    const lines = fc.array(
      fc.string({ unit: "grapheme", maxLength: 40 }).map((text) => `${text}\n`),
    );
    fc.assert(
      fc.property(lines, fc.integer({ min: 20, max: 400 }), (all, bytesMax) => {
        const { buffer, batches } = collect(bytesMax);
        for (const line of all) buffer.append(line);
        buffer.flush();
        expect(texts(batches).join("")).toBe(all.join(""));
        expect(batches.every((batch) => batch.length > 0)).toBe(true);
        expect(batches.every((batch) => batch.at(-1) === 0x0a)).toBe(true);
      }),
    );
  });
});
