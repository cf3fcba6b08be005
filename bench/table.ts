// Prints the table of kept results again: `node .tools/bench/table.js FILE...`.
import { readFileSync } from "node:fs";
import { toMarkdown } from "./markdown.ts";
import type { Report } from "./report.ts";

const files = process.argv.slice(2);
if (files.length === 0) {
  console.error("usage: node .tools/bench/table.js bench/results/FILE.json...");
  process.exitCode = 2;
}
for (const file of files) {
  const report: Report = JSON.parse(readFileSync(file, "utf8"));
  if (report.format === 1) process.stdout.write(toMarkdown(report));
  else {
    console.error(`${file}: format ${String(report.format)} is not one that this program knows`);
    process.exitCode = 1;
  }
}
