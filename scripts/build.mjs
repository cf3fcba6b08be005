// Compiles src/ to dist/ and bench/ to .tools/, bundles what the command and the library run, then
// leaves a stamp that setup.mjs compares with.
import { spawnSync } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { build } from "rolldown";

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

// Every worker loads its code anew. From hundreds of files that takes twice the CPU time, and more open
// files at once than a process short of descriptors has left for a crashed worker's successor. The same
// holds for libraries of many files; koffi has native code, and pino finds its own files by their place.
const bundled = ["commander", "yaml", "zod"];
await build({
  cwd: root,
  tsconfig: join(root, "tsconfig.json"),
  platform: "node",
  external: [/^node:/, "koffi", "pino"],
  input: {
    main: "src/cli/main.ts",
    "worker-thread": "src/control/worker-thread.ts",
    index: "src/index.ts",
  },
  output: {
    dir: "dist/bundle",
    format: "esm",
    sourcemap: true,
    entryFileNames: "[name].js",
    chunkFileNames: "[name].js",
  },
  logLevel: "warn",
});
// The library's types are those of the modules; its code is the bundle's, which finds the workers.
writeFileSync(join(root, "dist/index.js"), 'export * from "./bundle/index.js";\n');
rmSync(join(root, "dist/index.js.map"));
const licences = bundled.map((name) => {
  const text = readFileSync(join(root, "node_modules", name, "LICENSE"), "utf8");
  return `${name}\n\n${text}`;
});
writeFileSync(join(root, "dist/bundle/LICENCES.txt"), licences.join("\n\n"));
writeFileSync(join(root, "dist/.built"), "");
