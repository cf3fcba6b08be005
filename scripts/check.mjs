// `npm run check`: everything that must hold before a commit, in the order of how fast it fails.
import { spawnSync } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const bin = (name) => fileURLToPath(new URL(`../node_modules/.bin/${name}`, import.meta.url));

// What was found before is kept, so that the next run looks at what has changed alone.
const typesSeen = fileURLToPath(
  new URL("../node_modules/.cache/types.tsbuildinfo", import.meta.url),
);

const steps = [
  ["types", bin("tsc"), ["--noEmit", "--incremental", "--tsBuildInfoFile", typesSeen]],
  ["lint", bin("oxlint"), ["--type-aware", "--deny-warnings"]],
  ["format", bin("oxfmt"), ["--check"]],
  ["structure", process.execPath, ["scripts/structure.mjs"]],
];

let failed = false;
for (const [name, command, args] of steps) {
  const { status } = spawnSync(command, args, { cwd: root, stdio: "inherit" });
  if (status === 0) continue;
  console.error(`check: ${name} failed`);
  failed = true;
}
if (failed) process.exit(1);
console.log(`check: ${steps.map(([name]) => name).join(", ")} all hold`);
