// A process without descriptors cannot look at servers: that is nothing about the servers.
import { spawnSync } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { asks, checkPlan, runs, socketAddress, talks } from "../support/checks.ts";
import { greets, startServer } from "../support/servers.ts";

const built = fileURLToPath(new URL("../../dist/control/checks/probes.js", import.meta.url));

/** Opens descriptors until there are none, probes, gives them back, and probes again. */
const program = `
  import { closeSync, openSync } from "node:fs";
  import { probeOf } from ${JSON.stringify(built)};
  const { check, target } = JSON.parse(process.argv[1]);
  const look = () => probeOf(check)(target).result;
  const first = await look();
  const open = [];
  try { for (;;) open.push(openSync("/dev/null")); } catch {}
  const without = await look();
  for (const descriptor of open) closeSync(descriptor);
  const after = await look();
  console.log(JSON.stringify([first.ok, without.ok, after.ok, without.text]));
`;

it.each([
  ["tcp", checkPlan({ probe: talks() }), "no descriptors left (ulimit -n)"],
  ["http", checkPlan({ probe: asks() }), "no descriptors left (ulimit -n)"],
  ["exec", checkPlan({ probe: runs("exit 0") }), "cannot run /bin/sh: EMFILE"],
])("%s", async (_, check, text) => {
  const server = await startServer(greets("x"));
  // Nobody reads what this server gets while the program runs: http is about the connect alone.
  const target = { backend: "web", server: "s1", address: socketAddress(server.address) };
  const input = JSON.stringify({ check: { ...check, timeoutMs: 300 }, target });
  const words = ["--input-type=module", "-e", program, input];
  const shell = 'ulimit -n 256; exec "$0" "$@"';
  const { stdout, stderr } = spawnSync("/bin/sh", ["-c", shell, process.execPath, ...words]);
  expect(stderr.toString()).toBe("");
  const [first, without, after, said] = JSON.parse(stdout.toString()) as unknown[];
  const passes = check.probe.kind !== "http";
  expect({ first, without, after, said }).toEqual({
    first: passes,
    without: null,
    after: passes,
    said: text,
  });
});
