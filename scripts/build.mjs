// Compiles src/ to dist/ and bench/ to .tools/, then leaves a stamp that setup.mjs compares with.
import { spawnSync } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const tsc = join(root, "node_modules/typescript/bin/tsc");

rmSync(join(root, "dist"), { recursive: true, force: true });
rmSync(join(root, ".tools"), { recursive: true, force: true });
for (const project of ["tsconfig.build.json", "tsconfig.tools.json"]) {
  const { status } = spawnSync(process.execPath, [tsc, "-p", project], {
    cwd: root,
    stdio: "inherit",
  });
  if (status !== 0) process.exit(1);
}
writeFileSync(join(root, "dist/.built"), "");
