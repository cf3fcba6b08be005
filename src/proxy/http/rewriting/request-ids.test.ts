import { describe, expect, it } from "vitest";
import { type Field, fieldLines, requestHead } from "../../../../test/support/heads.ts";
import { compileRequestId, RequestId, RequestIds } from "./request-ids.ts";

const nowMs = 0x0190_1234_5678;
const uuid = /^01901234-5678-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** What the server sees of a request with these fields, and the id that the log has. */
function give(
  fields: readonly Field[],
  trusted: boolean,
  id = new RequestId(),
): [string[], string] {
  const head = requestHead("GET /", fields);
  compileRequestId("x-request-id")?.apply(head, id, new RequestIds(), trusted, nowMs);
  return [fieldLines(head), id.text()];
}

describe("request ids", () => {
  it("are UUIDs of version 7 that tell the time", () => {
    const [lines, id] = give([["Accept", "*/*"]], false);
    expect(id).toMatch(uuid);
    expect(lines).toEqual(["Accept: */*", `x-request-id: ${id}`]);
  });

  it("of a trusted proxy are kept, as they were sent", () => {
    const sent: Field[] = [["X-Request-ID", "Root=1-67/a:b+c@d"]];
    expect(give(sent, true)).toEqual([["X-Request-ID: Root=1-67/a:b+c@d"], "Root=1-67/a:b+c@d"]);
  });

  it("of anybody else are replaced, and so are those that no log should hold", () => {
    const wrong: [Field[], boolean][] = [
      [[["X-Request-ID", "mine"]], false],
      [[["X-Request-ID", ""]], true],
      [[["X-Request-ID", 'a" b']], true],
      [[["X-Request-ID", "x".repeat(129)]], true],
      [
        [
          ["X-Request-ID", "one"],
          ["x-request-id", "two"],
        ],
        true,
      ],
    ];
    for (const [fields, trusted] of wrong) {
      const [lines, id] = give(fields, trusted);
      expect(id).toMatch(uuid);
      expect(lines).toEqual([`x-request-id: ${id}`]);
    }
  });

  it("stay the same when a request is sent again", () => {
    const id = new RequestId();
    const [first, given] = give([["X-Request-ID", "mine"]], false, id);
    expect(give([["X-Request-ID", "mine"]], false, id)).toEqual([first, given]);
    id.clear();
    expect(give([], false, id)[1]).not.toBe(given);
  });

  it("are never given twice and sort by time, also when the clock stands still or goes back", () => {
    const ids = new RequestIds();
    const id = new RequestId();
    const made = Array.from({ length: 10_000 }, (_, i) => {
      ids.make(id, nowMs - (i > 6000 ? 1000 : 0));
      return id.text();
    });
    expect(new Set(made).size).toBe(made.length);
    expect(made.toSorted()).toEqual(made);
    ids.make(id, nowMs + 60_000);
    expect(id.text().startsWith("01901235-40d8-7000-")).toBe(true);
  });

  it("of two workers differ in the same millisecond", () => {
    const [one, other] = [new RequestId(), new RequestId()];
    new RequestIds().make(one, nowMs);
    new RequestIds().make(other, nowMs);
    expect(one.text()).not.toBe(other.text());
  });

  it("are not made when no header is to carry them", () => {
    expect(compileRequestId("")).toBeNull();
  });
});
