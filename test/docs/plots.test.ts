// The guide's plots are what the policies do today: a change that would alter one of them shows here.
import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { plots } from "../../bench/plots/all.ts";

const folder = new URL("../../docs/guide/plots/", import.meta.url);

test.each([...plots])("docs/guide/plots/%s is what the policies draw", (file, draw) => {
  const committed = readFileSync(new URL(file, folder), "utf8");
  // A whole plot as a difference helps nobody; after a build, node .tools/bench/plots/main.js mends it.
  expect(committed === draw() ? "up to date" : `${file} is stale`).toBe("up to date");
});

test("every plot there is drawn by something, and shown in the guide", () => {
  const files = [...plots.keys()];
  expect(readdirSync(folder).toSorted()).toEqual(files.toSorted());
  const page = readFileSync(new URL("../choosing-an-algorithm.md", folder), "utf8");
  for (const file of files) expect(page).toContain(`](plots/${file})`);
});
