// Makes a fresh clone ready: installs when node_modules is missing or stale, builds when dist is.
// `npm start` and `npm test` call it first. Uses Node alone, because nothing is installed yet.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const npm = process.platform === "win32" ? "npm.cmd" : "npm";

function modified(path) {
  return existsSync(path) ? statSync(path).mtimeMs : 0;
}

function newestBelow(folder) {
  // A folder's own time tells of files that were removed.
  let newest = modified(folder);
  for (const entry of readdirSync(folder, { recursive: true })) {
    const path = join(folder, entry);
    if (!entry.endsWith(".ts") && !statSync(path).isDirectory()) continue;
    if (entry.startsWith("results")) continue;
    newest = Math.max(newest, modified(path));
  }
  return newest;
}

function must(command, args) {
  const { status, error } = spawnSync(command, args, {
    cwd: root,
    stdio: ["ignore", 2, 2],
    shell: process.platform === "win32",
  });
  if (status === 0) return;
  console.error(`setup: ${command} ${args.join(" ")} failed${error ? `: ${error.message}` : ""}`);
  process.exit(1);
}

const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`setup: Ballast needs Node 20.19 or newer; this is ${process.version}`);
  process.exit(1);
}

if (
  modified(join(root, "node_modules/.package-lock.json")) <
  modified(join(root, "package-lock.json"))
) {
  must(npm, ["ci", "--no-audit", "--no-fund"]);
}

const sources = Math.max(
  newestBelow(join(root, "src")),
  newestBelow(join(root, "bench")),
  ...[
    "package.json",
    "scripts/build.mjs",
    "tsconfig.json",
    "tsconfig.build.json",
    "tsconfig.tools.json",
  ].map((file) => modified(join(root, file))),
);
if (modified(join(root, "dist/.built")) < sources) must(process.execPath, ["scripts/build.mjs"]);
