// What the documentation shows works: every file in examples/, and every block marked as YAML in the
// README and the guide, is a whole configuration that is read without an error or a warning.
import { copyFileSync, cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { hashMethodNames, policyNames } from "../src/balance/registry.ts";
import { parseConfig } from "../src/config/load.ts";
import type { BackendPlan } from "../src/config/plan.ts";
import { formatProblem } from "../src/config/problem.ts";
import { Authority } from "./support/authority.ts";

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

/** A copy of examples/, with the files of TLS that examples and pages name. */
const folder = mkdtempSync(join(tmpdir(), "ballast-test-"));
cpSync(new URL("examples/", root), folder, { recursive: true });
const authority = Authority.create(join(folder, "ca"));
for (const place of ["", "certificates"]) {
  authority.issue({ names: ["localhost"], stem: "site", folder: join(folder, place) });
}
copyFileSync(authority.certFile, join(folder, "ca.pem"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Nothing of the environment: what an example takes from there has a default. */
function problemsOf(text: string, name: string): string[] {
  return parseConfig(text, join(folder, basename(name)), {}).problems.map(formatProblem);
}

test.each(examples)("%s is valid", (file) => {
  expect(problemsOf(read(file), file)).toEqual([]);
});

test.each(blocks)("%s is valid", (name, text) => {
  expect(problemsOf(text, name)).toEqual([]);
});

describe("the examples between them", () => {
  const backends = examples.flatMap(
    (file) => parseConfig(read(file), join(folder, basename(file)), {}).plan?.backends ?? [],
  );
  const servers = backends.flatMap((backend) => backend.servers);

  // `source` is the ring in one word.
  test.each(policyNames.filter((name) => name !== "source"))("balance by %s", (name) => {
    expect(backends.map(({ balance }) => balance.policy)).toContain(name);
  });

  test("hash", () => {
    const hashed = backends.filter(({ balance }) => hashMethodNames.includes(balance.policy));
    expect(hashed.filter(({ balance }) => balance.boundedLoad > 1)).not.toEqual([]);
  });

  test.each<[string, (backend: BackendPlan) => boolean]>([
    ["a sticky table", ({ stick }) => stick !== null],
    ["failover", ({ failover }) => failover.length > 0],
    ["outlier detection", ({ outlier }) => outlier !== null],
    ["a bounded queue", ({ maxqueue }) => maxqueue > 0],
  ])("have %s", (_title, has) => {
    expect(backends.some(has)).toBe(true);
  });

  test("have checks, backups, weights, limits and a slow start", () => {
    expect(servers.some(({ check }) => check?.probe.kind === "http")).toBe(true);
    expect(servers.some(({ backup }) => backup)).toBe(true);
    expect(servers.some(({ weight }) => weight > 1)).toBe(true);
    expect(servers.some(({ maxconn }) => maxconn > 0)).toBe(true);
    expect(servers.some(({ slowstart }) => slowstart !== null)).toBe(true);
  });
});

test("every opening of a YAML block was found", () => {
  const openings = pages.flatMap((page) => read(page).match(/```ya?ml/gi) ?? []);
  expect(openings).toHaveLength(blocks.length);
});

test("the README shows examples/minimal.yaml", () => {
  expect(blocksOf("README.md").map(([, text]) => text)).toContain(read("examples/minimal.yaml"));
});
