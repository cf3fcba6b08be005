import { array, assert, property, uint8Array } from "fast-check";
import { expect, test } from "vitest";
import { LastLine } from "./last-line.ts";

function lastOf(...chunks: readonly string[]): string {
  const line = new LastLine();
  for (const chunk of chunks) line.add(Buffer.from(chunk));
  return line.text();
}

test("it is the last line that is not blank", () => {
  expect(lastOf()).toBe("");
  expect(lastOf("\n \r\n\n")).toBe("");
  expect(lastOf("one\ntwo\r\n", "\n  \n")).toBe("two");
  expect(lastOf("on", "e\ntw", "o")).toBe("two");
  expect(lastOf(`${"x".repeat(10_000)}\nend`)).toBe("end");
});

test("whatever is printed, in whatever pieces, it is one printable line of 200 characters", () => {
  const chunks = array(uint8Array({ maxLength: 5000 }), { maxLength: 5 });
  assert(
    property(chunks, (pieces) => {
      const line = new LastLine();
      for (const piece of pieces) line.add(Buffer.from(piece));
      expect(line.bytes).toBe(pieces.reduce((sum, { length }) => sum + length, 0));
      expect(line.text()).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}]/u);
      expect(line.text().length).toBeLessThanOrEqual(200);
    }),
  );
});
