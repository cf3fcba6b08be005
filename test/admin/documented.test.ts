// The guide lists every field that the admin API answers.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { startAdmin } from "../support/admin.ts";
import { connectClient } from "../support/clients.ts";
import { greets, startServer } from "../support/servers.ts";
import { tcpConfig } from "../support/tcp-config.ts";

const guide = readFileSync(new URL("../../docs/guide/admin-api.md", import.meta.url), "utf8");

test("every field of every answer is in the guide", async () => {
  const server = await startServer(greets("x"));
  const admin = await startAdmin(
    tcpConfig({ s1: server }, { backend: { stick: { on: "source", expire: "5m" } } }),
  );
  await (await connectClient(admin.front)).untilText("x");
  const overview = await admin.get("");
  const rows: object[] = [
    overview,
    overview.workers[0],
    (await admin.get("/frontends")).frontends[0],
  ];
  rows.push((await admin.get("/backends")).backends[0], (await admin.get("/servers")).servers[0]);
  rows.push(
    (await admin.get("/sessions")).sessions[0],
    (await admin.get("/stick/back")).entries[0],
  );
  for (const row of rows) {
    const missing = Object.keys(row).filter((name) => !new RegExp(`\`${name}[.\`]`).test(guide));
    expect(missing).toEqual([]);
  }
});
