// The admin API over a Ballast's life: it opens at the start or says why not, follows reloads, makes
// them, and is gone at the stop.
import { expect, test } from "vitest";
import { Admin, adminPlan, type Messages, send, startPlan } from "../support/admin.ts";
import { launchBallast, startBallast } from "../support/ballast.ts";
import { ask, connectClient, portOf } from "../support/clients.ts";
import { openDescriptors } from "../support/library.ts";
import { says, startServer } from "../support/servers.ts";
import { tcpConfig } from "../support/tcp-config.ts";
import { until } from "../support/until.ts";

const json = { "content-type": "application/json" };

async function config(global: object = {}): Promise<Record<string, unknown>> {
  return tcpConfig({ s1: await startServer(says("s1")) }, { global: { ...global } });
}

test("the ready line names it, and SIGTERM closes it", async () => {
  const ballast = await startBallast(await config({ admin: { bind: "127.0.0.1:0" } }));
  const ready = await ballast.untilMessage(({ message }) => message.startsWith("ready: "));
  const address = ready["admin"] as string;
  expect(ready.message).toBe(`ready: listening on ${ballast.address}, admin API on ${address}`);
  const { body } = await send(address, "/api/v1");
  expect(body).toMatchObject({ name: "ballast", pid: ballast.pid });
  expect(await ballast.stop()).toBe(0);
  await expect(send(address, "/api/v1")).rejects.toThrow("ECONNREFUSED");
});

test("a port in use is an error where the file asks for it, and else a warning", async () => {
  const holder = await startServer(says("x"));
  const { address } = holder;
  const inUse =
    `the admin API cannot listen on ${address}: it is in use, perhaps by another Ballast; ` +
    "set global.admin.bind to another address, or admin: off";
  const failing = launchBallast(await config({ admin: { bind: address } }));
  expect((await failing.untilExit()).code).toBe(1);
  expect(failing.messages.at(-1)?.message).toBe(inUse);

  const messages: Messages = { lines: [] };
  const { host, port } = { host: "127.0.0.1", port: portOf(address) };
  const plan = adminPlan(await config(), {
    address: { family: "ipv4", host, port },
    required: false,
  });
  const supervisor = await startPlan(plan, messages);
  expect(supervisor.admin.address).toBe(null);
  expect(messages.lines).toContainEqual(
    expect.objectContaining({ level: "warn", message: `${inUse}; it is off` }),
  );
  expect(await ask(supervisor.addresses[0] as string)).toBe("s1");
});

test("a start that fails for it leaves nothing open", async () => {
  const holder = await startServer(says("x"));
  const plan = adminPlan(await config(), {
    address: { family: "ipv4", host: "127.0.0.1", port: portOf(holder.address) },
  });
  await expect(startPlan(plan)).rejects.toThrow("it is in use");
  const before = openDescriptors();
  await expect(startPlan(plan)).rejects.toThrow("it is in use");
  await until("descriptors to be given back", () => openDescriptors() <= before);
});

test("a reload moves it, changes its token, switches it off and on", async () => {
  const settings = await config();
  const admin = new Admin(await startPlan(adminPlan(settings)));
  const first = admin.address;
  // The same address: the same socket, with another token.
  await admin.supervisor.replace(adminPlan(settings, { token: "new" }));
  expect(admin.address).toBe(first);
  expect((await admin.send("/api/v1")).status).toBe(401);
  const headers = { authorization: "Bearer new" };
  expect((await admin.send("/api/v1", { headers })).status).toBe(200);

  const elsewhere = { family: "ipv6", host: "::1", port: 0 } as const;
  await admin.supervisor.replace(adminPlan(settings, { address: elsewhere }));
  expect(admin.address).toMatch(/^\[::1\]:\d+$/);
  expect((await admin.get("")).plan.version).toBe(3);
  await expect(send(first, "/api/v1")).rejects.toThrow("ECONNREFUSED");

  await admin.supervisor.replace(adminPlan(settings, null));
  expect(admin.supervisor.admin.address).toBe(null);
  await admin.supervisor.replace(adminPlan(settings));
  expect((await admin.get("")).plan.version).toBe(5);
});

test("an address that cannot be opened at a reload leaves it where it is", async () => {
  const holder = await startServer(says("x"));
  const settings = await config();
  const messages: Messages = { lines: [] };
  const admin = new Admin(await startPlan(adminPlan(settings), messages));
  const { address } = admin;
  const host = "127.0.0.1";
  await admin.supervisor.replace(
    adminPlan(settings, { address: { family: "ipv4", host, port: portOf(holder.address) } }),
  );
  expect(admin.address).toBe(address);
  expect((await admin.get("")).plan.version).toBe(2);
  expect(messages.lines.find(({ level }) => level === "error")?.message).toContain(
    `it is in use, perhaps by another Ballast; set global.admin.bind to another address, or ` +
      `admin: off; it stays on ${address}`,
  );
});

test("what a reload adds and removes is what is told then", async () => {
  const admin = new Admin(await startPlan(adminPlan(await config())));
  const other = await startServer(says("other"));
  const next = tcpConfig(
    { s2: other },
    { frontends: { more: { mode: "tcp", bind: "127.0.0.1:0", backend: "back" } } },
  );
  await admin.supervisor.replace(adminPlan(next));
  const { frontends } = await admin.get("/frontends");
  expect(frontends.map(({ name }: { name: string }) => name)).toEqual(["front", "more"]);
  expect(frontends.flatMap(({ binds }: { binds: string[] }) => binds)).toEqual(
    admin.supervisor.addresses,
  );
  const { servers } = await admin.get("/servers");
  expect(servers.map(({ name }: { name: string }) => name)).toEqual(["s2"]);
});

test("POST /reload reads the file again, and answers what came of it", async () => {
  const settings = await config({ admin: { bind: "127.0.0.1:0" } });
  const ballast = await startBallast(settings);
  const ready = await ballast.untilMessage(({ message }) => message.startsWith("ready: "));
  const address = ready["admin"] as string;
  const reload = (): ReturnType<typeof send> =>
    send(address, "/api/v1/reload", { method: "POST", body: {} });
  const good = await reload();
  expect([good.status, good.body]).toEqual([
    200,
    { source: ballast.configFile, version: 2, problems: [] },
  ]);
  ballast.rewriteConfig({ ...settings, backends: {} });
  const bad = await reload();
  expect(bad.status).toBe(409);
  expect(bad.body.error).toBe(
    "reload refused: the configuration is not valid; everything goes on as before",
  );
  expect(bad.body.problems[0]).toContain(`${ballast.configFile}:`);
  // Several at once: each is answered, and none sooner than a reload that began after it.
  ballast.rewriteConfig(settings);
  const all = await Promise.all([reload(), reload(), reload()]);
  expect(all.map(({ status }) => status)).toEqual([200, 200, 200]);
  // The token of the file that was just read holds for the next request.
  ballast.rewriteConfig({
    ...settings,
    global: { workers: 1, admin: { bind: "127.0.0.1:0", token: "t" } },
  });
  expect((await reload()).status).toBe(200);
  expect((await reload()).status).toBe(401);
});

test("a reload that moves the API away still gets its answer", async () => {
  const settings = await config({ admin: { bind: "127.0.0.1:0" } });
  const ballast = await startBallast(settings);
  const ready = await ballast.untilMessage(({ message }) => message.startsWith("ready: "));
  const address = ready["admin"] as string;
  ballast.rewriteConfig({ ...settings, global: { workers: 1, admin: "off" } });
  const { status } = await send(address, "/api/v1/reload", { method: "POST", body: {} });
  expect(status).toBe(200);
  await expect(send(address, "/api/v1")).rejects.toThrow("ECONNREFUSED");
});

test("without a file there is nothing to reload, and a body must be empty", async () => {
  const admin = new Admin(await startPlan(adminPlan(await config())));
  const post = (body: string): ReturnType<typeof send> =>
    admin.send("/api/v1/reload", { method: "POST", body, headers: json });
  expect((await post("")).body.error).toBe(
    "this Ballast was not started from a file, so there is none to reload",
  );
  expect((await post('{"now":true}')).status).toBe(400);
});

test("Ballast stops while somebody holds connections to the API", async () => {
  const ballast = await startBallast(await config({ admin: { bind: "127.0.0.1:0" } }));
  const ready = await ballast.untilMessage(({ message }) => message.startsWith("ready: "));
  const port = portOf(ready["admin"] as string);
  const idle = await connectClient(`127.0.0.1:${port}`);
  const halfway = await connectClient(`127.0.0.1:${port}`);
  halfway.write("GET /api/v1 HTTP/1.1\r\n");
  expect(await ballast.stop()).toBe(0);
  await idle.untilEnding();
  await halfway.untilEnding();
});
