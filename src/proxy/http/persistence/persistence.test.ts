import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  fieldLines,
  requestHead,
  responseHead,
  type Field,
} from "../../../../test/support/heads.ts";
import type { CookiePlan } from "../../../config/http-plan.ts";
import { ByteBuilder } from "../../../http/byte-builder.ts";
import { Method } from "../../../http/request-head.ts";
import { appendDate } from "./cookie-dates.ts";
import { CookieFinding } from "./cookie-state.ts";
import { Persistence, type ServerStanding } from "./persistence.ts";

const servers = ["web1", "web2", "spare"];
const nowMs = 1_800_000_000_000;
const nowS = nowMs / 1000;

function persistence(changes: Partial<CookiePlan> = {}): Persistence {
  const plan: CookiePlan = {
    name: "SRV",
    mode: "insert",
    indirect: false,
    nocache: false,
    postonly: false,
    preserve: false,
    httpOnly: false,
    secure: false,
    sameSite: null,
    domain: "",
    path: "/",
    maxIdleMs: 0,
    maxLifeMs: 0,
    values: { web1: "s1", web2: "s2", spare: "s1" },
    ...changes,
  };
  return new Persistence(plan, servers);
}

function date(second: number): string {
  const out = new ByteBuilder();
  appendDate(out, second);
  return Buffer.from(out.bytes.subarray(1, out.length)).toString("latin1");
}

function dated(dates: string): string {
  return `set-cookie: SRV=s1|${dates}; path=/`;
}

function find(of: Persistence, ...cookies: string[]): CookieFinding {
  const finding = new CookieFinding();
  const fields = cookies.map((value): Field => ["Cookie", value]);
  of.request.find(requestHead("GET /", fields), finding, nowMs);
  return finding;
}

/** Servers by index: whether each keeps its clients. */
class Standing implements ServerStanding {
  readonly #keeps: readonly boolean[];

  constructor(...keeps: boolean[]) {
    this.#keeps = keeps;
  }

  keepsClients(index: number): boolean {
    return this.#keeps[index] === true;
  }
}

function edit(of: Persistence, ...cookies: string[]): string[] {
  const head = requestHead(
    "GET /",
    cookies.map((value): Field => ["Cookie", value]),
  );
  of.request.edit(head);
  return fieldLines(head).map((line) => line.replace(/^Cookie: /, ""));
}

interface Answered {
  readonly cookie?: string;
  readonly server?: number;
  readonly fields?: readonly Field[];
  readonly method?: Method;
}

/** What the client gets, and the letter, when `server` answers a client that sent `cookie`. */
function answer(
  of: Persistence,
  { cookie = "", server = 0, fields = [], method = Method.get }: Answered = {},
): { lines: string[]; state: string } {
  const finding = cookie === "" ? find(of) : find(of, cookie);
  const head = responseHead(200, fields);
  const state = of.response.apply(head, finding, server, method, nowMs);
  return { lines: fieldLines(head), state };
}

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

describe("the persistence cookie of a response", () => {
  it("is given to who has none, or another server's", () => {
    const given = { lines: ["set-cookie: SRV=s2; path=/"], state: "I" };
    expect(answer(persistence(), { server: 1 })).toEqual(given);
    expect(answer(persistence(), { server: 1, cookie: "SRV=s1" })).toEqual(given);
    expect(answer(persistence(), { server: 1, cookie: "SRV=gone" })).toEqual(given);
  });

  it("is not sent again to who has it, also by way of a shared value", () => {
    const nothing = { lines: [], state: "N" };
    expect(answer(persistence(), { server: 1, cookie: "SRV=s2" })).toEqual(nothing);
    expect(answer(persistence(), { server: 2, cookie: "SRV=s1" })).toEqual(nothing);
  });

  it("is taken back by a server that has no value", () => {
    const of = persistence({ values: { web1: "s1" }, domain: "example.org" });
    const line =
      "set-cookie: SRV=; Expires=Thu, 01 Jan 1970 00:00:01 GMT; path=/; domain=example.org";
    expect(answer(of, { server: 1 }).lines).toEqual([line]);
  });

  it("has the attributes that the plan names", () => {
    const all = { path: "/app", domain: "example.org", httpOnly: true, secure: true } as const;
    expect(answer(persistence({ ...all, sameSite: "Lax" })).lines).toEqual([
      "set-cookie: SRV=s1; path=/app; domain=example.org; HttpOnly; Secure; SameSite=Lax",
    ]);
    expect(answer(persistence({ sameSite: "None" })).lines).toEqual([
      "set-cookie: SRV=s1; path=/; Secure; SameSite=None",
    ]);
  });

  it("comes with postonly in answers to POST alone", () => {
    const of = persistence({ postonly: true });
    expect(answer(of).lines).toEqual([]);
    expect(answer(of, { method: Method.post }).state).toBe("I");
  });

  it("keeps caches away with nocache, where one could store it", () => {
    const of = persistence({ nocache: true });
    const cache = (value: string): string[] =>
      answer(of, { fields: [["Cache-Control", value]] }).lines.filter((line) =>
        line.startsWith("cache"),
      );
    expect(answer(of).lines).toContain("cache-control: private");
    expect(cache("public, max-age=60")).toEqual(["cache-control: private"]);
    expect(cache('private="x"')).toEqual(["cache-control: private"]);
    expect(cache("max-age=0, Private")).toEqual([]);
    expect(cache("no-store")).toEqual([]);
    expect(answer(of, { method: Method.post }).lines).toHaveLength(1);
    expect(answer(of, { cookie: "SRV=s1" }).lines).toEqual([]);
  });

  it("takes the place of the server's, unless that is preserved", () => {
    const fields: Field[] = [
      ["Set-Cookie", "SRV=mine; path=/x"],
      ["Set-Cookie", "a=SRV=1"],
    ];
    expect(answer(persistence(), { fields })).toEqual({
      lines: ["Set-Cookie: a=SRV=1", "set-cookie: SRV=s1; path=/"],
      state: "I",
    });
    expect(answer(persistence(), { fields, cookie: "SRV=s1" })).toEqual({
      lines: ["Set-Cookie: a=SRV=1"],
      state: "D",
    });
    const preserved = answer(persistence({ preserve: true }), { fields });
    expect(preserved).toMatchObject({ state: "P" });
    expect(preserved.lines).toHaveLength(2);
  });

  it("has dates, which are refreshed when time has moved them", () => {
    const of = persistence({ maxIdleMs: 60_000, maxLifeMs: 600_000 });
    const now = date(nowS);
    const first = date(nowS - 300);
    expect(answer(of)).toEqual({ lines: [dated(`${now}|${now}`)], state: "I" });
    expect(answer(of, { cookie: `SRV=s1|${now}|${first}` }).lines).toEqual([]);
    expect(answer(of, { cookie: `SRV=s1|${date(nowS - 8)}|${first}` })).toEqual({
      lines: [dated(`${now}|${first}`)],
      state: "U",
    });
    expect(answer(of, { cookie: "SRV=s1" })).toEqual({
      lines: [dated(`${now}|${now}`)],
      state: "U",
    });
    // Another server's first date is not this one's.
    expect(answer(of, { cookie: `SRV=s2|${now}|${first}` }).lines).toEqual([
      dated(`${now}|${now}`),
    ]);
    // Dates that nobody asks for any more are taken out.
    expect(answer(persistence(), { cookie: `SRV=s1|${now}` }).lines).toHaveLength(1);
  });

  it("writes dates as HAProxy does", () => {
    // Its s30tob64((1700000001 + 3) >> 2): 425000001 in five digits of base64.
    expect(date(1_700_000_001)).toBe("ZVPxB");
  });

  it("is the server's own with our value in mode rewrite, and with it in front in mode prefix", () => {
    const fields: Field[] = [["Set-Cookie", "SRV = abc ; Path=/; Expires=Thu, 01 Jan 2099"]];
    const rest = " ; Path=/; Expires=Thu, 01 Jan 2099";
    expect(answer(persistence({ mode: "rewrite" }), { fields, server: 1 })).toEqual({
      lines: [`Set-Cookie: SRV = s2${rest}`],
      state: "R",
    });
    expect(answer(persistence({ mode: "prefix" }), { fields, server: 1 })).toEqual({
      lines: [`Set-Cookie: SRV = s2~abc${rest}`],
      state: "R",
    });
    const passive = answer(persistence({ mode: "passive" }), { fields });
    expect(passive).toEqual({ lines: [`Set-Cookie: SRV = abc${rest}`], state: "P" });
    expect(answer(persistence({ mode: "rewrite" }))).toEqual({ lines: [], state: "N" });
  });

  it("is made of each that the server sets, by its name and not by what it holds", () => {
    const fields: Field[] = [
      ["Set-Cookie", "SRV=a"],
      ["Set-Cookie", "SRVX=SRV=b"],
      ["set-cookie", "srv=c"],
      ["Set-Cookie", "SRV"],
      ["set-cookie", "SRV=d; Secure"],
    ];
    expect(answer(persistence({ mode: "rewrite" }), { fields }).lines).toEqual([
      "Set-Cookie: SRV=s1",
      "Set-Cookie: SRVX=SRV=b",
      "set-cookie: srv=c",
      "Set-Cookie: SRV",
      "set-cookie: SRV=s1; Secure",
    ]);
  });

  it("stays the server's own where that has no value, or it is preserved, and goes with indirect", () => {
    const fields: Field[] = [["Set-Cookie", "SRV=abc"]];
    const none = { values: { web1: "s1" } };
    for (const mode of ["rewrite", "prefix"] as const) {
      const kept = { lines: ["Set-Cookie: SRV=abc"], state: "P" };
      expect(answer(persistence({ mode, ...none }), { fields, server: 1 })).toEqual(kept);
      expect(answer(persistence({ mode, preserve: true }), { fields })).toEqual(kept);
    }
    const indirect = persistence({ mode: "passive", indirect: true });
    expect(answer(indirect, { fields, cookie: "SRV=s1" })).toEqual({ lines: [], state: "D" });
    expect(answer(indirect, { fields, cookie: "SRV=s2" }).state).toBe("P");
  });

  it("keeps caches away with nocache in every mode that writes it", () => {
    const fields: Field[] = [["Set-Cookie", "SRV=abc"]];
    const last = (mode: CookiePlan["mode"]): string | undefined =>
      answer(persistence({ mode, nocache: true }), { fields }).lines.at(-1);
    expect(last("rewrite")).toBe("cache-control: private");
    expect(last("prefix")).toBe("cache-control: private");
    expect(last("passive")).toBe("Set-Cookie: SRV=abc");
  });

  it("comes back as the server's own in mode prefix", () => {
    const of = persistence({ mode: "prefix" });
    for (const own of ["abc", '"a b"', "", "a~b"]) {
      const given = answer(of, { fields: [["Set-Cookie", `SRV=${own}; Path=/`]], server: 1 });
      const sent = /SRV=([^;]*)/.exec(given.lines[0] ?? "")?.[1] ?? "";
      expect(find(of, `SRV=${sent}`)).toMatchObject({ server: 1, state: "V" });
      expect(edit(of, `a=1; SRV=${sent}`)).toEqual([`a=1; SRV=${own}`]);
    }
  });
});
