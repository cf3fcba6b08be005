#!/usr/bin/env node
// The command. Says in words what would otherwise be a stack: a Node that is too old, a checkout
// that is not built. Everything else is in src/cli/.
import { existsSync } from "node:fs";
import process from "node:process";

// Until `run` is far enough to act on them: a reload or a log rotation that comes so early has
// nothing to change, and must not end the process or open Node's inspector.
for (const signal of ["SIGHUP", "SIGUSR1"]) process.on(signal, () => {});

const entry = new URL("../dist/bundle/main.js", import.meta.url);
const [major, minor] = process.versions.node.split(".").map(Number);

if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(`ballast: needs Node 20.19 or newer; this is ${process.version}\n`);
  process.exitCode = 1;
} else if (!existsSync(entry)) {
  process.stderr.write("ballast: this checkout is not built; run npm ci && npm run build\n");
  process.exitCode = 1;
} else {
  const { main } = await import(entry.href);
  await main(process.argv);
}
