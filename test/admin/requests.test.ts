// Requests that are wrong, too large, too slow or no HTTP at all: each gets its status and a sentence,
// and the next one is answered as if nothing had been.
import { connect, type Socket } from "node:net";
import { expect, test } from "vitest";
import { type Admin, startAdmin } from "../support/admin.ts";
import { connectOptions, startClient } from "../support/clients.ts";
import { atTestEnd } from "../support/leftovers.ts";
import { echoes, startServer } from "../support/servers.ts";
import { tcpConfig } from "../support/tcp-config.ts";
import { until, within } from "../support/until.ts";

async function start(): Promise<Admin> {
  return startAdmin(tcpConfig({ s1: await startServer(echoes) }));
}

const json = { "content-type": "application/json" };

test.each([
  ["DELETE", "/api/v1/servers", 405, "GET, HEAD"],
  ["POST", "/api/v1", 405, "GET, HEAD"],
  ["GET", "/api/v1/reload", 405, "POST"],
  ["OPTIONS", "/api/v1/servers/back/s1", 405, "GET, HEAD, PATCH"],
])("%s %s: %i, and Allow says what it knows", async (method, path, status, allow) => {
  const admin = await start();
  const answer = await admin.send(path, { method });
  expect([answer.status, answer.headers.allow]).toEqual([status, allow]);
  expect(answer.body.error).toContain(`does not know ${method}; it knows ${allow}`);
});

test.each([
  "/",
  "/api",
  "/api/v1/server",
  "/api/v2/servers",
  "/api/v1/servers/a/b/c",
  "//evil",
  "*",
])("nothing is at %s, and the answer lists what there is", async (path) => {
  const admin = await start();
  const { status, body } = await admin.send(path, path === "*" ? { method: "OPTIONS" } : {});
  expect(status).toBe(404);
  expect(body.error).toContain("/api/v1/sessions, /api/v1/stick/:backend");
});

test("a path that is no percent-encoded UTF-8 is refused", async () => {
  const admin = await start();
  for (const path of ["/api/v1/servers/back/%ff", "/api/v1/servers/%/s1", "/api/v1/stick/%zz"]) {
    const { status, body } = await admin.send(path);
    expect(status, `path ${path}`).toBe(400);
    expect(body.error).toContain("is not percent-encoded UTF-8");
  }
  expect((await admin.send("/api/v1/servers/%62ack/s%31")).body.name).toBe("s1");
});

test.each([
  [{ body: "{}" }, 415, "content-type"],
  [{ body: "{}", headers: { "content-type": "text/plain" } }, 415, "application/json"],
  [{ body: "a=b", headers: { "content-type": "application/x-www-form-urlencoded" } }, 415, ""],
  [{ body: "{", headers: json }, 400, "the body is not JSON: "],
  [{ body: "[]", headers: json }, 400, "the body must be a JSON object"],
  [{ body: "null", headers: json }, 400, "the body must be a JSON object"],
  [{ body: "", headers: json }, 400, 'nothing to change: give "state", "weight" or both'],
  [{ body: { statte: "up" } }, 400, 'there is no key "statte"; known are: state, weight'],
  [{ body: { state: "up" } }, 400, '"state": "up" is not known; it may be: ready, drain, maint'],
  [{ body: { state: null } }, 400, '"state": null is not known'],
  [{ body: { weight: 257 } }, 400, '"weight": 257 is not a whole number from 0 to 256'],
  [{ body: { weight: 1.5 } }, 400, '"weight": 1.5 is not a whole number'],
  [{ body: { weight: "3" } }, 400, '"weight": "3" is not a whole number'],
  [{ body: { state: "drain", weight: -1 } }, 400, '"weight": -1'],
])("PATCH of a server with %j is refused and changes nothing", async (request, status, error) => {
  const admin = await start();
  const answer = await admin.send("/api/v1/servers/back/s1", { method: "PATCH", ...request });
  expect(answer.status).toBe(status);
  expect(answer.body.error).toContain(error);
  expect(await admin.get("/servers/back/s1")).toMatchObject({ state: "up", weight: 1 });
});

test("a body above 64 KiB is refused, whether or not its length was told", async () => {
  const admin = await start();
  const body = JSON.stringify({ state: "x".repeat(100_000) });
  for (const headers of [json, { ...json, "transfer-encoding": "chunked" }]) {
    const answer = await admin.send("/api/v1/servers/back/s1", { method: "PATCH", headers, body });
    expect(answer.status).toBe(413);
    expect(answer.body.error).toBe("the body is longer than 65536 bytes");
  }
  // One that never ends is not taken for ever.
  const endless = startClient(admin.address);
  endless.write(
    "PATCH /api/v1/servers/back/s1 HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n" +
      "content-length: 1000000000\r\n\r\n",
  );
  const closed = new Promise((resolve) => endless.socket.once("close", resolve));
  const more = (error?: Error | null): void => {
    if (!error && !endless.socket.destroyed) endless.socket.write(Buffer.alloc(65_536), more);
  };
  more();
  await within("its end", closed);
});

test("HEAD is answered like GET, without a body", async () => {
  const admin = await start();
  const [head, get] = [
    await admin.send("/api/v1/backends", { method: "HEAD" }),
    await admin.send("/api/v1/backends"),
  ];
  expect([head.status, head.text]).toEqual([200, ""]);
  expect(head.headers["content-length"]).toBe(String(get.text.length));
  expect(get.headers).toMatchObject({
    "content-type": "application/json; charset=utf-8",
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
  });
});

test("what is no HTTP, or has a huge head, is refused in a sentence", async () => {
  const admin = await start();
  const cases = [
    ["\u0016\u0003\u0001\u0002\u0000 hello\r\n\r\n", "HTTP/1.1 400", "this is not HTTP/1.1"],
    ["GET / HTTP/1.1\r\n\r\n", "HTTP/1.1 400", ""],
    [
      `GET / HTTP/1.1\r\nhost: 127.0.0.1\r\nx: ${"y".repeat(20_000)}\r\n\r\n`,
      "HTTP/1.1 431",
      "head",
    ],
    ["GET / HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: -1\r\n\r\n", "HTTP/1.1 400", ""],
  ] as const;
  for (const [request, status, sentence] of cases) {
    const client = startClient(admin.address);
    client.write(request);
    const answer = await client.untilText("\r\n\r\n");
    expect(answer.slice(0, status.length)).toBe(status);
    expect(answer).toContain(sentence);
    await client.untilEnding();
  }
  expect((await admin.get("")).name).toBe("ballast");
});

test("an unfinished request is ended, and so is a client that goes away", async () => {
  const admin = await start();
  const slow = startClient(admin.address);
  slow.write("GET /api/v1 HTTP/1.1\r\nhost: 127.0.0.1\r\n");
  const gone = startClient(admin.address);
  gone.write(
    "PATCH /api/v1/servers/back/s1 HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n" +
      'content-length: 100\r\n\r\n{"state":',
  );
  await until("its bytes to be sent", () => gone.connected && gone.taken > 100);
  gone.reset();
  expect(await slow.untilText("\r\n\r\n")).toMatch(/^HTTP\/1.1 408 /);
  await slow.untilEnding();
  expect(await admin.get("/servers/back/s1")).toMatchObject({ state: "up" });
});

test("more connections than it admits are closed, and it answers again when some have left", async () => {
  const admin = await start();
  const held: Socket[] = [];
  atTestEnd(() => {
    for (const socket of held) socket.destroy();
  });
  let closed = 0;
  for (let i = 0; i < 80; i++) {
    const socket = connect(connectOptions(admin.address));
    socket.on("error", () => {});
    socket.on("close", () => closed++);
    held.push(socket);
  }
  await until("the surplus to be closed", () => closed === 80 - 64);
  for (const socket of held) socket.destroy();
  const again = await until("an answer", () => admin.get("").catch(() => null));
  expect(again).toMatchObject({ name: "ballast" });
});
