// What the documentation shows works: every file in examples/, and every block marked as YAML in the
// README and the guide, is a whole configuration that is read without an error or a warning.
import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parseConfig } from "../src/config/load.ts";
import { formatProblem } from "../src/config/problem.ts";

const root = new URL("..", import.meta.url);

function read(path: string): string {
  return readFileSync(new URL(path, root), "utf8");
}

function filesIn(folder: string, ending: string): string[] {
  return readdirSync(new URL(folder, root))
    .filter((name) => name.endsWith(ending))
    .map((name) => folder + name);
}

/** The YAML blocks of a page as `[name, text]`; the name is the block's first line in the page. */
function blocksOf(page: string): [string, string][] {
  const text = read(page);
  return Array.from(text.matchAll(/^```yaml\n(.*?)^```$/gms), (match) => {
    const line = text.slice(0, match.index).split("\n").length + 1;
    return [`${page}:${line}`, match[1] ?? ""];
  });
}

const examples = filesIn("examples/", ".yaml");
const pages = ["README.md", ...filesIn("docs/guide/", ".md")];
const blocks = pages.flatMap(blocksOf);

/** Nothing of the environment: what an example takes from there has a default. */
function problemsOf(text: string, name: string): string[] {
  return parseConfig(text, name, {}).problems.map(formatProblem);
}

test.each(examples)("%s is valid", (file) => {
  expect(problemsOf(read(file), file)).toEqual([]);
});

test.each(blocks)("%s is valid", (name, text) => {
  expect(problemsOf(text, name)).toEqual([]);
});

test("every opening of a YAML block was found", () => {
  const openings = pages.flatMap((page) => read(page).match(/```ya?ml/gi) ?? []);
  expect(openings).toHaveLength(blocks.length);
});

test("the README shows examples/minimal.yaml", () => {
  expect(blocksOf("README.md").map(([, text]) => text)).toContain(read("examples/minimal.yaml"));
});
