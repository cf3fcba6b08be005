// What the tools cannot check of the house's structure: imports point one way, the data plane stays
// free of libraries, files stay small and open with what they are, and nothing is left unfinished.
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));

/** What each folder of src/ may import from, itself aside. Everything else points the wrong way. */
const mayImport = {
  sys: [],
  scoreboard: [],
  config: ["balance"],
  reactor: ["sys"],
  balance: ["scoreboard"],
  tls: ["reactor", "sys"],
  http: [],
  proxy: ["reactor", "scoreboard", "balance", "tls", "http"],
  control: ["proxy", "reactor", "tls", "scoreboard", "balance", "sys", "config"],
  cli: ["control", "config", "sys"],
  "": ["control", "config"],
};
/** Plain types and pure functions that every folder may import. */
const forAll = new Set(
  [
    "plan",
    "http-plan",
    "route-plan",
    "rewrite-plan",
    "tcp-route-plan",
    "tls-plan",
    "check-plan",
    "address",
    "tls-material",
    "limits",
    "ip-groups",
    "ip-scan",
    "pattern",
  ].map((name) => `src/config/${name}.ts`),
);
/** Folders of the data plane, and the only packages they may use. */
const packages = {
  sys: ["koffi"],
  reactor: [],
  scoreboard: [],
  balance: [],
  tls: [],
  http: [],
  proxy: [],
};

const linesMax = { src: 250, test: 400, bench: 250, scripts: 250 };
const unfinished =
  /\b(TODO|FIXME|XXX|HACK)\b|\bnot implemented\b|\b(?:it|describe)\.(?:only|skip|todo)\b|\btest\.(?:only|todo)\b/;

/** Static imports and re-exports at the start of a line, and dynamic imports anywhere. */
const imports = /^(?:import|export)\s(?:[^"';]*?\sfrom\s+)?"([^"]+)"|\bimport\("([^"]+)"\)/gm;

const problems = [];
for (const top of Object.keys(linesMax)) {
  for (const entry of readdirSync(join(root, top), { recursive: true })) {
    const file = `${top}/${entry.replaceAll("\\", "/")}`;
    if (/\.(ts|mjs)$/.test(file)) checkFile(file, readFileSync(join(root, file), "utf8"));
  }
}

for (const problem of problems) console.error(problem);
process.exit(problems.length > 0 ? 1 : 0);

function checkFile(file, text) {
  checkSize(file, text);
  checkOpening(file, text);
  if (file !== "scripts/structure.mjs") checkFinished(file, text);
  if (file.startsWith("src/") && !isTest(file)) checkImports(file, text);
}

function isTest(file) {
  return /\.(test|conformance)\.ts$/.test(file);
}

function checkSize(file, text) {
  const top = file.split("/")[0];
  const limit = isTest(file) ? linesMax.test : linesMax[top];
  const lines = text.split("\n").length - 1;
  if (lines > limit) {
    problems.push(
      `${file}: ${lines} lines, more than ${limit}: what second thing in it has a name?`,
    );
  }
}

function checkOpening(file, text) {
  if (isTest(file) || /^(#!.*\n)?\/\//.test(text)) return;
  problems.push(`${file}:1: open with what this file is, who calls it and what it must not do`);
}

function checkFinished(file, text) {
  for (const [i, line] of text.split("\n").entries()) {
    if (unfinished.test(line)) problems.push(`${file}:${i + 1}: finish it: ${line.trim()}`);
  }
}

function checkImports(file, text) {
  const folder = folderOf(file);
  for (const [, from, dynamic] of text.matchAll(imports)) {
    const specifier = from ?? dynamic;
    if (specifier.startsWith(".")) {
      const target = relative(root, join(root, dirname(file), specifier));
      const room = folderOf(target);
      if (room === folder || forAll.has(target) || mayImport[folder]?.includes(room)) continue;
      problems.push(`${file}: ${folder || "src"} must not import ${target}`);
    } else if (folder in packages && !specifier.startsWith("node:")) {
      if (!packages[folder].includes(specifier)) {
        problems.push(`${file}: the data plane must not use the package ${specifier}`);
      }
    }
  }
}

/** `proxy` for src/proxy/tunnel.ts; the empty name for src/index.ts. */
function folderOf(file) {
  const parts = file.split("/");
  return parts.length > 2 ? parts[1] : "";
}
