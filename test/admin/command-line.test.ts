// The verbs that talk to a running Ballast, as a user sees them: what they print, and what they say
// when something is wrong.
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { type Admin, startAdmin } from "../support/admin.ts";
import { connectClient, portOf } from "../support/clients.ts";
import { type Outcome, runCommand } from "../support/command.ts";
import { atTestEnd } from "../support/leftovers.ts";
import { echoes, freePort, startServer } from "../support/servers.ts";
import { tcpConfig } from "../support/tcp-config.ts";

async function start(token = ""): Promise<Admin> {
  const server = await startServer(echoes);
  return startAdmin(tcpConfig({ s1: server, s2: server }, { frontend: { maxconn: 50 } }), {
    token,
  });
}

function run(admin: Admin, words: readonly string[], env = {}): Promise<Outcome> {
  return runCommand(words, { env: { BALLAST_ADMIN: admin.address, ...env } });
}

test("status shows frontends, backends and servers, aligned and without colour in a pipe", async () => {
  const admin = await start();
  const client = await connectClient(admin.front);
  client.write("ping");
  await client.untilText("ping");
  await admin.patch("/servers/back/s2", { state: "drain", weight: 7 });
  const { code, out, err } = await run(admin, ["status"]);
  expect([code, err]).toEqual([0, ""]);
  expect(out).not.toContain("\u001b");
  const lines = out.split("\n");
  expect(lines[0]).toMatch(
    /^Ballast \d+\.\d+\.\d+, pid \d+, up \S+, test\.yaml, 1 worker\(s\), 1 session\(s\) open, 1 in all$/,
  );
  const rows = lines.map((line) => line.trim().split(/ {2,}/));
  expect(rows).toContainEqual(["front", "open", admin.front, "back", "1", "50", "1", "4 B", "4 B"]);
  const back = ["back", "up", "roundrobin", "1/2", "1", "0", "1", "4 B", "4 B", "0", "0"];
  expect(rows).toContainEqual(back);
  const drained = rows.find(([name]) => name === "back/s2");
  expect(drained?.[1]).toBe("drain");
  expect(drained?.[4]).toBe("7");
  expect(drained?.at(-1)).toBe("set to drain by an operator");
  // Every column of a table begins, or ends, at one place.
  const head = lines.find((line) => line.startsWith("SERVER")) as string;
  const state = head.indexOf("STATE");
  for (const line of lines.filter((text) => text.startsWith("back/"))) {
    expect(line.slice(state)).toMatch(/^(up|drain) /);
    expect(line.slice(state - 2, state)).toBe("  ");
  }
});

test("status and sessions as JSON are what the API answers", async () => {
  const admin = await start();
  await connectClient(admin.front);
  const { code, out } = await run(admin, ["status", "--json"]);
  expect(code).toBe(0);
  const all = JSON.parse(out);
  expect(Object.keys(all)).toEqual(["overview", "frontends", "backends", "servers"]);
  expect(all.servers).toHaveLength(2);
  const sessions = await run(admin, ["sessions", "--json", "--backend", "back"]);
  expect(JSON.parse(sessions.out)).toMatchObject({
    complete: true,
    sessions: [{ backend: "back" }],
  });
});

test("sessions lists what is open, filtered and limited", async () => {
  const admin = await start();
  expect((await run(admin, ["sessions"])).out).toBe("no sessions");
  const [one, two] = [await connectClient(admin.front), await connectClient(admin.front)];
  const { code, out } = await run(admin, ["sessions"]);
  const rows = out.split("\n").map((line) => line.split(/ {2,}/));
  expect(code).toBe(0);
  expect(rows[0]?.slice(0, 5)).toEqual(["CLIENT", "FRONTEND", "SERVER", "ADDRESS", "STATE"]);
  expect(rows.slice(1).map(([client, , server, , state]) => [client, server, state])).toEqual([
    [two.address, "back/s2", "established"],
    [one.address, "back/s1", "established"],
  ]);
  const filtered = await run(admin, ["sessions", "--server", "back/s1", "--client", "127.0.0.0/8"]);
  expect(filtered.out).toContain(one.address);
  expect(filtered.out).not.toContain(two.address);
  const limited = await run(admin, ["sessions", "--limit", "1"]);
  expect(limited.out.split("\n")).toEqual([
    expect.stringContaining("CLIENT"),
    expect.stringContaining(two.address),
    "the newest 1; there are more, --limit shows them",
  ]);
});

test("drain, maint, ready and weight change a server and say what came of it", async () => {
  const admin = await start();
  const name = "back/s1";
  for (const [words, line] of [
    [["drain", name], `${name}: drain, weight 1, 0 session(s) on it`],
    [["maint", name], `${name}: maint, weight 1, 0 session(s) on it`],
    [["weight", name, "20"], `${name}: maint, weight 20, 0 session(s) on it`],
    [["ready", name], `${name}: up, weight 20, 0 session(s) on it`],
  ] as const) {
    expect(await run(admin, words)).toEqual({ code: 0, out: line, err: "" });
  }
  const json = await run(admin, ["weight", name, "0", "--json"]);
  expect(JSON.parse(json.out)).toMatchObject({ name: "s1", weight: 0, state: "up" });
});

test("what is refused is one sentence and exit code 1", async () => {
  const admin = await start("secret");
  const token = { BALLAST_ADMIN_TOKEN: "secret" };
  const port = await freePort();
  const cases = [
    [
      ["drain", "back/s9"],
      token,
      'ballast: no server of backend back is named "s9"; there are: s1, s2',
    ],
    [["maint", "none/s1"], token, 'ballast: no backend is named "none"; there is: back'],
    [
      ["sessions", "--backend", "none"],
      token,
      'ballast: the parameter backend: no backend is named "none"; there is: back',
    ],
    [
      ["status"],
      {},
      `ballast: Ballast on ${admin.address} refuses: a token is needed: send Authorization: Bearer ` +
        "TOKEN (global.admin.token); give it with BALLAST_ADMIN_TOKEN or --token",
    ],
    [
      ["status", "--token", "wrong"],
      token,
      `ballast: Ballast on ${admin.address} refuses: the token is not the one of ` +
        "global.admin.token; give it with BALLAST_ADMIN_TOKEN or --token",
    ],
    [
      ["reload"],
      token,
      "ballast: this Ballast was not started from a file, so there is none to reload",
    ],
    [
      ["status", "--admin", `127.0.0.1:${port}`],
      token,
      `ballast: nothing listens on 127.0.0.1:${port}: does it run, with global.admin there? ` +
        "--admin or BALLAST_ADMIN says where it is",
    ],
    [
      ["status", "--admin", "unix:/nowhere/admin.sock"],
      token,
      "ballast: there is no socket unix:/nowhere/admin.sock: does it run, with global.admin there? " +
        "--admin or BALLAST_ADMIN says where it is",
    ],
  ] as const;
  for (const [words, env, err] of cases) {
    expect(await run(admin, words, env)).toEqual({ code: 1, out: "", err });
  }
  const { code } = await run(admin, ["drain", "back/s1"], token);
  expect(code).toBe(0);
});

test.each([
  [["drain"], "missing required argument 'backend/server'"],
  [["drain", "s1"], "Write BACKEND/SERVER, such as web/web1."],
  [["drain", "a/b/c"], "Write BACKEND/SERVER"],
  [["weight", "back/s1"], "missing required argument 'weight'"],
  [["weight", "back/s1", "257"], "Write a whole number from 0 to 256."],
  [["weight", "back/s1", "1.5"], "Write a whole number from 0 to 256."],
  [["sessions", "--limit", "0"], "Write a number from 1 to 10000."],
  [["sessions", "--colour", "red"], "unknown option '--colour'"],
  [["status", "more"], "too many arguments"],
  [["status", "--admin", "9400"], "Write HOST:PORT, :PORT or unix:PATH."],
])("%j is wrong usage: exit code 2", async (words, sentence) => {
  const { code, out, err } = await runCommand(words);
  expect([code, out]).toEqual([2, ""]);
  expect(err).toContain(sentence);
});

test("what answers there may be something else, or nothing that speaks HTTP", async () => {
  const foreign = await startForeign((_request, response) => response.end("<html>hello</html>"));
  const first = await runCommand(["status", "--admin", foreign]);
  expect(first).toEqual({
    code: 1,
    out: "",
    err: `ballast: what answers on ${foreign} is not Ballast's admin API (status 200)`,
  });
  const silent = await startServer((peer) => peer.end("220 mail ready\r\n"));
  const second = await runCommand(["status", "--admin", silent.address]);
  expect(second).toEqual({
    code: 1,
    out: "",
    err: `ballast: what answers on ${silent.address} is not Ballast's admin API (no HTTP)`,
  });
});

test("nothing in an answer can command the terminal", async () => {
  const evil = "\u001b]0;owned\u0007\u009b31m\r\n\u202e";
  const address = await startForeign((request, response) => {
    const { url = "" } = request;
    if (url.includes("sessions")) {
      const session = { client: evil, frontend: evil, server: evil, backend: evil };
      const row = { ...session, serverAddress: evil, state: evil, timeouts: { [evil]: 5 } };
      const missing = [{ worker: 0, reason: evil }];
      response.end(JSON.stringify({ sessions: [row], more: false, missing }));
      return;
    }
    response.statusCode = 404;
    response.end(JSON.stringify({ error: evil, problems: [evil] }));
  });
  for (const verb of [["sessions"], ["drain", "back/s1"], ["reload"]]) {
    const { out, err } = await runCommand([...verb, "--admin", address]);
    const others = `${out}${err}`.replaceAll("\n", "").match(/[\p{Cc}\p{Cf}]/u);
    expect(others).toBe(null);
    expect(`${out}${err}`).toContain("\\u001b]0;owned\\u0007");
  }
});

async function startForeign(answer: Parameters<typeof createServer>[1]): Promise<string> {
  const server: Server = createServer(answer as never);
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  atTestEnd(() => {
    server.closeAllConnections();
    server.close();
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test("the address may be a port alone, which is that of this machine", async () => {
  const admin = await start();
  const { code } = await runCommand(["status", "--admin", `:${portOf(admin.address)}`]);
  expect(code).toBe(0);
});
