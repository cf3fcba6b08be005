// Who may use the admin API: the token, and that no page in a browser can.
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { adminPlan, send, startAdmin, startPlan } from "../support/admin.ts";
import { portOf } from "../support/clients.ts";
import { atTestEnd } from "../support/leftovers.ts";
import { echoes, startServer } from "../support/servers.ts";
import { tcpConfig } from "../support/tcp-config.ts";

const secret = "s3cret with a space and ü";

async function config(): Promise<object> {
  return tcpConfig({ s1: await startServer(echoes) });
}

test("with a token nothing is answered without it, whatever is asked", async () => {
  const admin = await startAdmin(await config(), { token: secret });
  const bytes = Buffer.from(secret).toString("latin1");
  for (const path of ["/api/v1", "/api/v1/servers", "/nothing"]) {
    for (const [authorization, error] of [
      ["", "a token is needed: send Authorization: Bearer TOKEN (global.admin.token)"],
      ["Bearer wrong", "the token is not the one of global.admin.token"],
      ["Bearer ", "the token is not the one of global.admin.token"],
      [`Bearer ${bytes}x`, "the token is not the one of global.admin.token"],
      [`Basic ${bytes}`, "the token is not the one of global.admin.token"],
      [bytes, "the token is not the one of global.admin.token"],
    ] as const) {
      const headers = authorization === "" ? undefined : { authorization };
      const answer = await admin.send(path, headers === undefined ? {} : { headers });
      expect([answer.status, answer.body.error]).toEqual([401, error]);
      expect(answer.headers["www-authenticate"]).toContain("Bearer");
    }
  }
  const changed = await admin.send("/api/v1/servers/back/s1", {
    method: "PATCH",
    body: { state: "maint" },
  });
  expect(changed.status).toBe(401);
  for (const authorization of [`Bearer ${bytes}`, `bearer   ${bytes}`]) {
    const answer = await admin.send("/api/v1/servers/back/s1", { headers: { authorization } });
    expect([answer.status, answer.body.state]).toEqual([200, "up"]);
  }
});

test("without a token only addresses and localhost are a Host", async () => {
  const admin = await startAdmin(await config());
  const port = portOf(admin.address);
  for (const host of [
    `127.0.0.1:${port}`,
    "127.0.0.1",
    `localhost:${port}`,
    "LocalHost",
    `[::1]:${port}`,
    "192.0.2.7:9400",
  ]) {
    const { status } = await admin.send("/api/v1", { headers: { host } });
    expect(status, `host ${host}`).toBe(200);
  }
  for (const host of [
    "evil.example",
    `evil.example:${port}`,
    "localhost.evil.example",
    "127.0.0.1.evil.example",
    "[evil]",
    "1.2.3",
  ]) {
    const { status, body } = await admin.send("/api/v1", { headers: { host } });
    expect(status, `host ${host}`).toBe(403);
    expect(body.error).toContain("without a token a web page could make them");
  }
  const named = await startAdmin(await config(), { token: "t" });
  const headers = { host: "lb.example:9400", authorization: "Bearer t" };
  expect((await named.send("/api/v1", { headers })).status).toBe(200);
});

test("requests of pages from elsewhere are refused, those of its own origin are not", async () => {
  const admin = await startAdmin(await config());
  const { address: host } = admin;
  const patch = (headers: Record<string, string>): Promise<number> =>
    admin
      .send("/api/v1/servers/back/s1", {
        method: "PATCH",
        body: { weight: 7 },
        headers: {
          "content-type": "application/json",
          ...headers,
        },
      })
      .then(({ status }) => status);
  const foreign: Record<string, string>[] = [
    { origin: "https://evil.example" },
    { origin: "null" },
    { origin: `http://${host}0` },
    { origin: `http://${host}.evil.example` },
    { "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors" },
    { "sec-fetch-site": "same-site", "sec-fetch-mode": "cors" },
  ];
  for (const headers of foreign) {
    expect(await patch(headers), `with ${JSON.stringify(headers)}`).toBe(403);
  }
  expect(await admin.get("/servers/back/s1")).toMatchObject({ weight: 1 });
  expect(await patch({ origin: `http://${host}`, "sec-fetch-site": "same-origin" })).toBe(200);
  expect(await admin.get("/servers/back/s1")).toMatchObject({ weight: 7 });
  // Nothing tells a page that it may read or send more.
  const preflight = await admin.send("/api/v1/servers/back/s1", { method: "OPTIONS" });
  expect(preflight.headers["access-control-allow-origin"]).toBe(undefined);
});

test("a unix socket is for its owner, and a stale one is replaced", async () => {
  const folder = mkdtempSync(join(tmpdir(), "ballast-admin-"));
  atTestEnd(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "admin.sock");
  const admin = await startAdmin(await config(), { address: { family: "unix", path } });
  expect(admin.address).toBe(`unix:${path}`);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  const { status } = await admin.send("/api/v1", { headers: { host: "anything.example" } });
  expect(status).toBe(200);
  await expect(startAdmin(await config(), { address: { family: "unix", path } })).rejects.toThrow(
    `the admin API cannot listen on unix:${path}: it is in use`,
  );
  expect((await admin.send("/api/v1")).status).toBe(200);
});

test("an address that others reach needs a token", async () => {
  const address = { family: "ipv4", host: "0.0.0.0", port: 0 } as const;
  const open = adminPlan(await config(), { address });
  await expect(startPlan(open)).rejects.toThrow(
    "the admin API cannot listen on 0.0.0.0:0: everybody who reaches that address could use it; " +
      "set global.admin.token",
  );
  const admin = await startAdmin(await config(), { address, token: "t" });
  const at = `127.0.0.1:${portOf(admin.address)}`;
  expect((await send(at, "/api/v1")).status).toBe(401);
  const headers = { authorization: "Bearer t" };
  expect((await send(at, "/api/v1", { headers })).status).toBe(200);
});
