// What is kept comes out in order and whole, however it went in; and many small appends cost what
// their bytes cost.
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Kept } from "./kept.ts";

const piece = fc.uint8Array({ maxLength: 300 });
const step = fc.oneof(
  fc.record({ append: piece }),
  fc.record({ drain: fc.integer({ min: 0, max: 400 }) }),
);

describe("Kept", () => {
  it("gives back what was appended, in order, whatever is drained between", () => {
    fc.assert(
      fc.property(piece, fc.array(step, { maxLength: 60 }), (first, steps) => {
        const kept = new Kept(first, 0, first.length);
        let all = Buffer.concat([first]);
        const out: Buffer[] = [];
        const target = Buffer.alloc(250);
        for (const each of steps) {
          if ("append" in each) {
            kept.append(each.append, 0, each.append.length);
            all = Buffer.concat([all, each.append]);
          } else {
            const length = Math.min(kept.copy(target), each.drain);
            out.push(Buffer.from(target.subarray(0, length)));
            kept.drop(length);
          }
        }
        while (kept.length > 0) {
          const length = kept.copy(target);
          out.push(Buffer.from(target.subarray(0, length)));
          kept.drop(length);
        }
        expect(Buffer.concat(out).equals(all)).toBe(true);
      }),
    );
  });

  it("makes room so seldom that each byte is moved a few times at most", () => {
    const bytes = Buffer.alloc(100);
    const kept = new Kept(bytes, 0, 100);
    for (let count = 0; count < 100_000; count++) kept.append(bytes, 0, 100);
    expect(kept.length).toBe(100 * 100_001);
    expect(kept.moved).toBeLessThan(2 * kept.length);
  });
});
