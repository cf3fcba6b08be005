import * as fc from "fast-check";
import { expect, test } from "vitest";
import { parsePem } from "./pem.ts";

const label = fc.constantFrom("CERTIFICATE", "PRIVATE KEY", "X509 CRL");
const content = fc.uint8Array({ minLength: 1, maxLength: 300 });
const comment = fc.stringMatching(/^[a-z0-9 :#=]{0,30}$/);
const lineBreak = fc.constantFrom("\n", "\r\n", "\r");

function lines(name: string, bytes: Uint8Array, width: number): string[] {
  const body =
    Buffer.from(bytes)
      .toString("base64")
      .match(new RegExp(`.{1,${width}}`, "g")) ?? [];
  return [`-----BEGIN ${name}-----`, ...body, `-----END ${name}-----`];
}

test("blocks are found among comments, however lines are broken, and written anew", () => {
  const block = fc.record({ label, content, comment, width: fc.integer({ min: 1, max: 500 }) });
  fc.assert(
    fc.property(fc.array(block), lineBreak, fc.constantFrom("", "  "), (blocks, eol, indent) => {
      const text = blocks
        .flatMap((one) => [one.comment, ...lines(one.label, one.content, one.width)])
        .map((line) => `${indent}${line}${eol}`);
      const found = parsePem(text.join(""), "x");
      const expected = blocks.map((one) => lines(one.label, one.content, 64).join("\n"));
      expect(found.ok && found.value.map((one) => one.text.trimEnd())).toEqual(expected);
    }),
  );
});

test("text that was cut off anywhere is never half a block", () => {
  fc.assert(
    fc.property(label, content, fc.nat(), (name, bytes, at) => {
      const text = lines(name, bytes, 64).join("\n");
      const cut = text.slice(0, at % text.length);
      const found = parsePem(cut, "x");
      const told = found.ok ? `${found.value.length} blocks` : found.message;
      expect(told).toMatch(/^0 blocks$| (?:has no end|is not base64)$/);
    }),
  );
});

test("any text is understood or refused, and no message shows what was in a block", () => {
  const piece = fc.oneof(
    fc.constantFrom("-----BEGIN PRIVATE KEY-----", "-----END PRIVATE KEY-----", "\n", "secret!"),
    fc.string(),
  );
  fc.assert(
    fc.property(fc.array(piece), (pieces) => {
      const found = parsePem(pieces.join(""), "x");
      expect(found.ok ? "" : found.message + found.hint).not.toContain("secret!");
    }),
  );
});
