// `ballast demo`: what somebody sees who has just installed it.
import { createServer } from "node:net";
import { expect, test } from "vitest";
import { atTestEnd } from "../support/leftovers.ts";
import { request } from "../support/http.ts";
import { startCommand } from "../support/command.ts";
import { until } from "../support/until.ts";

/** Who answers, and to which path. */
async function get(address: string, path = "/x", cookie = ""): Promise<string> {
  const headers = cookie === "" ? [] : [`Cookie: ${cookie}`];
  const { body } = await request(address, path, { headers });
  return /^hello from (\w+: GET \S+)\n$/.exec(body)?.[1] ?? body;
}

/** Somebody has the port that the demo likes best, whoever it is. */
function occupyPreferredPort(): Promise<void> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve());
    server.listen(8080, "127.0.0.1", () => resolve());
    atTestEnd(() => {
      server.close();
    });
  });
}

test.each([
  ["SIGINT", false],
  ["SIGTERM", true],
] as const)(
  "it answers with names in turn, has routes and a cookie, and ends on %s (port 8080 taken: %j)",
  async (signal, taken) => {
    if (taken) await occupyPreferredPort();
    const demo = startCommand(["demo"]);
    const url = await until("the line to try", () =>
      demo.outLines.map((line) => /^ {4}curl http:\/\/(.+)\/$/.exec(line)?.[1]).find(Boolean),
    );
    expect(taken && url.endsWith(":8080")).toBe(false);
    const names: string[] = [];
    for (let i = 0; i < 6; i++) names.push(await get(url));
    const colours = ["red", "green", "blue"].map((name) => `${name}: GET /x`);
    expect(names).toEqual([...colours, ...colours]);
    expect(await get(url, "/api/users")).toMatch(/^api[12]: GET \/users$/);
    const old = await request(url, "/old/page");
    expect([old.status, old.fields["location"]]).toEqual([302, "/shop/"]);
    const first = await request(url, "/shop/");
    const shop = /^hello from (shop[12])/.exec(first.body)?.[1];
    const [, cookie = ""] =
      /^(SRV=[^;]+); path=\/; HttpOnly$/.exec(first.fields["set-cookie"] ?? "") ?? [];
    for (let i = 0; i < 3; i++) {
      expect(await get(url, "/shop/", cookie)).toBe(`${shop}: GET /shop/`);
    }
    await until(
      "a log line for each",
      () => demo.outLines.filter((l) => l.startsWith("{")).length === 12,
    );
    demo.signal(signal);
    expect(await demo.untilExit()).toEqual({ code: 0, signal: null });
    expect(demo.errorLines).toEqual([]);
  },
);
