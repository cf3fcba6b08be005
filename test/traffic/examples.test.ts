// The examples that say how to try them do run: each with the servers of examples/servers.mjs, as it
// stands but for its ports, which would be the same in all of them.
import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { startBallast } from "../support/ballast.ts";
import { atTestEnd } from "../support/leftovers.ts";
import { LineReader } from "../support/line-reader.ts";
import { until } from "../support/until.ts";

const folder = new URL("../../examples/", import.meta.url);
const program = fileURLToPath(new URL("servers.mjs", folder));

const toTry = readdirSync(folder)
  .filter((name) => name.endsWith(".yaml"))
  .map((name) => [name, readFileSync(new URL(name, folder), "utf8")] as const)
  .filter(([, text]) => text.includes("servers.mjs"));

/** Starts servers with these names on free ports; their addresses in that order. */
async function startServers(names: readonly string[]): Promise<string[]> {
  const words = names.map((name) => `${name}:0`);
  const child = spawn(process.execPath, [program, ...words], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const gone = new Promise((resolve) => child.once("exit", resolve));
  atTestEnd(async () => {
    child.kill("SIGKILL");
    await gone;
  });
  const { lines } = new LineReader(child.stdout);
  await until("the servers to listen", () => lines.length === names.length);
  const addressOf = (name: string): string =>
    lines
      .find((line) => line.startsWith(`${name} on `))
      ?.split(" ")
      .at(-1) ?? "";
  return names.map(addressOf);
}

/** The example as it stands, but with these addresses behind its servers and free ports in front. */
async function onFreePorts(text: string): Promise<{ config: string; names: string[] }> {
  const ports = [...new Set(text.match(/(?<=\s127\.0\.0\.1:)8\d{3}\b/g))];
  const servers = ports.filter((port) => !port.endsWith("0"));
  const names = servers.map((port) => `s${port}`);
  const addresses = await startServers(names);
  let config = text.replace(/127\.0\.0\.1:80\d0\b/g, "127.0.0.1:0");
  for (const [i, port] of servers.entries()) {
    config = config.replaceAll(`127.0.0.1:${port}`, addresses[i] ?? "");
  }
  return { config: `global: { workers: 1, admin: off }\n${config}`, names };
}

test("there is an example to try for each way to balance", () => {
  expect(toTry.length).toBeGreaterThanOrEqual(8);
});

test.each(toTry)("%s runs, and each of its frontends answers", async (_name, text) => {
  const { config, names } = await onFreePorts(text);
  const ballast = await startBallast(config);
  expect(ballast.addresses.length).toBeGreaterThan(0);
  for (const address of ballast.addresses) {
    const answer = await (await fetch(`http://${address}/`)).text();
    const who = /^(s\d{4}), one of 1\n$/.exec(answer)?.[1];
    expect(names).toContain(who);
  }
});
