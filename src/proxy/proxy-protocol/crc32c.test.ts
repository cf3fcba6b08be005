import { describe, expect, it } from "vitest";
import { crc32c } from "./crc32c.ts";

describe("crc32c", () => {
  it("gives the check value of the algorithm's catalogue entry", () => {
    expect(crc32c(Buffer.from("123456789"), 0, 9, -1)).toBe(0xe3069283);
  });

  it("gives the values of RFC 3720, appendix B.4", () => {
    const ascending = Uint8Array.from({ length: 32 }, (_, i) => i);
    expect(crc32c(new Uint8Array(32), 0, 32, -1)).toBe(0x8a9136aa);
    expect(crc32c(new Uint8Array(32).fill(0xff), 0, 32, -1)).toBe(0x62a8ab43);
    expect(crc32c(ascending, 0, 32, -1)).toBe(0x46dd794e);
  });

  it("counts the hole as four zeros and nothing else", () => {
    const zeros = crc32c(new Uint8Array(32), 0, 32, -1);
    const marked = new Uint8Array(40);
    marked.fill(0xff, 14, 18);
    expect(crc32c(marked, 4, 36, 14)).toBe(zeros);
    expect(crc32c(marked, 4, 36, 13)).not.toBe(zeros);
  });
});
