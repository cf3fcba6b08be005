import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fieldLines, responseHead } from "../../../../test/support/heads.ts";
import {
  date,
  edit,
  find,
  nowMs,
  nowS,
  persistence,
  Standing,
} from "../../../../test/support/persistence.ts";
import type { CookiePlan } from "../../../config/http-plan.ts";
import { Method } from "../../../http/request-head.ts";
import { Persistence } from "./persistence.ts";

describe("the persistence cookie of a request", () => {
  it("leads to the server that its value stands for", () => {
    expect(find(persistence(), "a=1; SRV=s2; b=2")).toMatchObject({ server: 1, state: "V" });
    expect(find(persistence(), "a=1", "b=2;SRV = s2 ")).toMatchObject({ server: 1, state: "V" });
  });

  it("is told apart when there is none, and when it names nobody", () => {
    const of = persistence();
    expect(find(of).state).toBe("N");
    expect(find(of, "a=1; XSRV=s1; SRVX=s1; srv=s1; SRV").state).toBe("N");
    const values = ["", "s", "s11", "web1", "S1", "127.0.0.1"];
    expect(values.filter((value) => find(of, `SRV=${value}`).state !== "I")).toEqual([]);
  });

  it("counts by the first of several that stands for a server", () => {
    expect(find(persistence(), "SRV=gone; SRV=s2; SRV=s1")).toMatchObject({
      server: 1,
      state: "V",
    });
    expect(find(persistence(), "SRV=gone; SRV=lost").state).toBe("I");
  });

  it("may stand for several servers, which come in their order", () => {
    const { values } = persistence();
    expect([0, 1, 2].map((server) => values.following(server))).toEqual([2, -1, -1]);
    expect(values.isShared(0, 2)).toBe(true);
    expect(values.isShared(0, 1)).toBe(false);
  });

  it("leads back to a server that drains, and to nobody when it is down", () => {
    const of = persistence();
    const finding = find(of, "SRV=s2");
    expect(of.follow(finding, new Standing(true, true, true))).toBe(1);
    expect(finding.state).toBe("V");
    expect(of.follow(finding, new Standing(true, false, true))).toBe(-1);
    expect(finding.state).toBe("D");
    // The client learns where it belongs now, and not when its own server comes back for it.
    const head = responseHead(200);
    expect(of.response.apply(head, finding, 0, Method.get, nowMs)).toBe("I");
    expect(fieldLines(head)).toEqual(["set-cookie: SRV=s1; path=/"]);
    expect(of.follow(finding, new Standing(false, true, false))).toBe(1);
    expect(finding.state).toBe("V");
  });

  it("leads to the backup that shares its value while its server is down", () => {
    const of = persistence();
    const finding = find(of, "SRV=s1");
    expect(of.follow(finding, new Standing(false, true, true))).toBe(2);
    const head = responseHead(200);
    expect(of.response.apply(head, finding, 2, Method.get, nowMs)).toBe("N");
    expect(of.follow(finding, new Standing(false, true, false))).toBe(-1);
  });

  it("leads nowhere, and is replaced, when its server is gone or never was, or it is too old", () => {
    const of = persistence({ maxIdleMs: 60_000 });
    const everybody = new Standing(true, true, true);
    for (const [value, state] of [
      ["gone", "I"],
      [`s2|${date(nowS - 3600)}`, "E"],
    ] as const) {
      const finding = find(of, `SRV=${value}`);
      expect(of.follow(finding, everybody)).toBe(-1);
      expect(finding.state).toBe(state);
      const head = responseHead(200);
      // Also by the server that it named: its dates begin anew.
      of.response.apply(head, finding, 1, Method.get, nowMs);
      expect(fieldLines(head)).toEqual([`set-cookie: SRV=s2|${date(nowS)}; path=/`]);
    }
  });

  it("finds each of many values", () => {
    const names = Array.from({ length: 300 }, (_, i) => `n${i}`);
    const values = Object.fromEntries(names.map((name) => [name, `v-${name}`]));
    const plan = { name: "SRV", mode: "insert", values } as unknown as CookiePlan;
    const many = new Persistence(plan, names);
    for (const [i, name] of names.entries()) {
      const value = Buffer.from(`v-${name}`);
      expect(many.values.find(value, 0, value.length)).toBe(i);
    }
    expect(many.values.find(Buffer.from("v-n300"), 0, 6)).toBe(-1);
  });

  it("expires by its last date and ages by its first", () => {
    const of = persistence({ maxIdleMs: 60_000, maxLifeMs: 600_000 });
    const state = (last: number, first: number): string =>
      find(of, `SRV=s1|${date(nowS - last)}|${date(nowS - first)}`).state;
    expect(state(56, 596)).toBe("V");
    expect(state(64, 596)).toBe("E");
    expect(state(56, 604)).toBe("O");
    expect(state(-3600, 0)).toBe("V");
    expect(state(-90_000, 0)).toBe("E");
    expect(state(0, -90_000)).toBe("O");
  });

  it("is believed without a date, and not with one that is none", () => {
    const of = persistence({ maxIdleMs: 60_000, maxLifeMs: 600_000 });
    expect(find(of, "SRV=s1")).toMatchObject({ state: "V", lastS: 0, firstS: 0 });
    const none = ["", "abc", "*****", "zzzzzz", "\u00ff\u00ff\u00ff\u00ff\u00ff"];
    const states = (dates: readonly string[]): string[] =>
      dates.map((each) => find(of, `SRV=s1|${each}`).state);
    expect(states(none)).toEqual(none.map(() => "E"));
    expect(states(["|", "||", `${date(nowS)}|`])).toEqual(["O", "O", "O"]);
    expect(find(of, `SRV=s1|${date(nowS)}|?`).state).toBe("O");
    expect(find(persistence(), "SRV=s1|rubbish").state).toBe("V");
  });

  it("has in mode prefix the server in front of the server's own value", () => {
    const of = persistence({ mode: "prefix" });
    expect(find(of, "SRV=s2~abc~d")).toMatchObject({ server: 1, state: "V" });
    expect(find(of, "SRV=abc").state).toBe("I");
    expect(edit(of, "a=1; SRV=s2~abc~d; b=2")).toEqual(["a=1; SRV=abc~d; b=2"]);
    expect(edit(of, "SRV=abc")).toEqual(["SRV=abc"]);
  });

  it("goes on to the server as it was, but for insert with indirect", () => {
    for (const mode of ["insert", "rewrite", "passive"] as const) {
      expect(edit(persistence({ mode }), "a=1; SRV=s1")).toEqual(["a=1; SRV=s1"]);
    }
  });

  it.each([
    ["SRV=s1", []],
    ["SRV=s1; a=1", ["a=1"]],
    ["a=1; SRV=s1", ["a=1"]],
    ["a=1; SRV=s1; b=2", ["a=1; b=2"]],
    ["a=1;SRV=s1;b=2", ["a=1;b=2"]],
    ['SRV=s1; SRV=s2; a="x y"', ['a="x y"']],
    ["a=1; SRVX=s1; b", ["a=1; SRVX=s1; b"]],
  ])("is taken out of %j with indirect", (cookie, left) => {
    expect(edit(persistence({ indirect: true }), cookie)).toEqual(left);
  });

  it("is taken out of every Cookie field, and these keep their order", () => {
    const of = persistence({ indirect: true });
    expect(edit(of, "a=1; SRV=s1", "SRV=s2", "b=2", "SRV=s1; c=3")).toEqual(["a=1", "b=2", "c=3"]);
  });

  it("leaves every other cookie byte for byte", () => {
    const of = persistence({ indirect: true });
    const byte = fc.integer({ min: 0x20, max: 0xff }).map((code) => String.fromCharCode(code));
    const pair = fc.oneof(
      fc.string({ unit: byte, maxLength: 12 }),
      fc.constantFrom("SRV=s1", " SRV=s2|AAAAA", "SRV =", "SRV", "xSRV=s1", "", " "),
    );
    fc.assert(
      fc.property(fc.array(pair, { minLength: 1, maxLength: 6 }), (made) => {
        // Only these two are white space here: U+00A0 is a byte of somebody's value.
        const value = made.join(";").replaceAll(/^[ \t]+|[ \t]+$/g, "");
        const kept = value
          .split(";")
          .filter((each) => !/^[ ]*SRV[ ]*=/.test(each))
          .join(";");
        const left = edit(of, value);
        // A codec sends no white space around values; an empty field need not be sent.
        expect(left.join("").replace(/^ +/, "")).toBe(kept.replace(/^ +/, ""));
      }),
      { seed: 4, numRuns: 1000 },
    );
  });
});
