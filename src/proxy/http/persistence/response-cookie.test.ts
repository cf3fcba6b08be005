import { describe, expect, it } from "vitest";
import type { Field } from "../../../../test/support/heads.ts";
import {
  answer,
  date,
  edit,
  find,
  nowS,
  persistence,
} from "../../../../test/support/persistence.ts";
import type { CookiePlan } from "../../../config/http-plan.ts";
import { Method } from "../../../http/request-head.ts";

function dated(dates: string): string {
  return `set-cookie: SRV=s1|${dates}; path=/`;
}

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
