// The text of an address is its own, however many others have its place.
import * as fc from "fast-check";
import { expect, it } from "vitest";
import { HostTexts } from "./host-texts.ts";

it("each address has its own text, whichever came before", () => {
  const texts = new HostTexts();
  const some = fc.array(fc.tuple(fc.nat(255), fc.nat(255), fc.nat(3), fc.nat(3)), {
    maxLength: 50,
  });
  fc.assert(
    fc.property(some, (addresses) => {
      for (const bytes of addresses) {
        const ip = Buffer.from(bytes).readInt32LE();
        expect(texts.of(ip)).toBe(bytes.join("."));
        expect(texts.of(ip >>> 0)).toBe(bytes.join("."));
      }
    }),
  );
  expect(texts.of(0)).toBe("0.0.0.0");
  expect(texts.of(-1)).toBe("255.255.255.255");
});
