import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { afterAll, afterEach, beforeEach, expect, test, vi } from "vitest";
import { main } from "./main.ts";

const folder = mkdtempSync(join(tmpdir(), "ballast-check-"));
const valid = `frontends: { f: { mode: tcp, bind: "127.0.0.1:0", backend: b } }
backends: { b: { servers: { s: ":1", t: ":2" } } }
`;
let out = "";
let err = "";

beforeEach(() => {
  out = "";
  err = "";
  vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    out += String(text);
    return true;
  });
  vi.spyOn(process.stderr, "write").mockImplementation((text) => {
    err += String(text);
    return true;
  });
});

afterEach(() => {
  vi.restoreAllMocks();
  process.exitCode = undefined;
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

function write(text: string): string {
  const file = join(folder, "ballast.yaml");
  writeFileSync(file, text);
  return file;
}

async function ballast(...words: string[]): Promise<unknown> {
  await main(["node", "ballast", ...words]);
  return process.exitCode;
}

test("check says what a valid file has, and exits 0", async () => {
  const file = write(valid);
  expect(await ballast("check", "-c", file)).toBe(0);
  expect(out).toBe(`${file}: valid, with 1 frontend, 1 backend, 2 servers\n`);
  expect(err).toBe("");
});

test("check tells every problem on stderr, and exits 2", async () => {
  const file = write(valid.replace("backend: b", "backend: c").replace(":2", ":x"));
  expect(await ballast("check", "--config", file)).toBe(2);
  expect(out).toBe("");
  expect(err.split("\n")).toEqual([
    `${file}:1:60: unknown backend "c" (frontends.f.backend). Did you mean "b"?`,
    `${file}:2:41: ":x" has no valid port (backends.b.servers.t). A port is a number from 1 to 65535.`,
    "",
  ]);
});

test("check tells warnings and still exits 0", async () => {
  const file = write(valid.replace('":2"', '{ address: ":2", maxqueue: 5 }'));
  expect(await ballast("check", "-c", file)).toBe(0);
  expect(err).toContain(":2:58: warning: ");
  expect(out).toContain("valid");
});

test("check reads ballast.yaml when no file is named", async () => {
  await ballast("check");
  expect(err + out).toMatch(/^ballast\.yaml:/);
});

test.each([["--version"], ["-V"]])("%s prints the version", async (...words) => {
  expect(await ballast(...words)).toBe(0);
  expect(out).toMatch(/^\d+\.\d+\.\d+\n$/);
});

test.each([
  [["--help"], ["run", "check", "demo"]],
  [["-h"], ["run", "check", "demo"]],
  [["help"], ["run", "check", "demo"]],
  [
    ["help", "run"],
    ["-c, --config <file>", "ballast.yaml"],
  ],
  [
    ["check", "-h"],
    ["-c, --config <file>", "ballast.yaml"],
  ],
  [["run", "--help"], ["-c, --config <file>"]],
  [["demo", "-h"], ["demo"]],
])("%j prints help and exits 0", async (words, contents) => {
  expect(await ballast(...words)).toBe(0);
  for (const content of contents) expect(out).toContain(content);
  expect(err).toBe("");
});

test.each([
  [[], "no verb given"],
  [["chek"], "Did you mean check?"],
  [["check", "--confg", "x"], "Did you mean --config?"],
  [["check", "-c"], "argument missing"],
  [["check", "one", "extra"], "too many arguments"],
  [["--nonsense"], "unknown option"],
])("%j is wrong usage: a sentence on stderr, exit 2", async (words, sentence) => {
  expect(await ballast(...words)).toBe(2);
  expect(err).toContain(sentence);
  expect(err).toContain("--help");
  expect(out).toBe("");
});
