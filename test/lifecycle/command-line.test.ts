// The command as a shell sees it: exit codes, what goes to stdout and what to stderr.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { atTestEnd } from "../support/leftovers.ts";
import { runCommand } from "../support/command.ts";

const packageUrl = new URL("../../package.json", import.meta.url);
const { version } = JSON.parse(readFileSync(packageUrl, "utf8")) as { version: string };

/** A folder with a ballast.yaml of these lines. */
function folderWith(...lines: string[]): string {
  const folder = mkdtempSync(join(tmpdir(), "ballast-test-"));
  atTestEnd(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, "ballast.yaml"), lines.join("\n"));
  return folder;
}

const valid = [
  "frontends:",
  "  edge: { mode: tcp, bind: 127.0.0.1:0, backend: web }",
  "backends:",
  "  web: { servers: { one: 127.0.0.1:8001, two: 127.0.0.1:8002 } }",
];

const mistaken = [
  "global:", // 1
  "  workers: many", // 2
  "  shutdownTimout: 5s", // 3
  "defaults:", // 4
  "  timeout: { connect: 5 parsecs }", // 5
  "frontends:", // 6
  "  edge:", // 7
  "    mode: tpc", // 8
  "    bind: 127.0.0.1:99999", // 9
  "    backend: wbe", // 10
  "  edge:", // 11
  "    mode: tcp", // 12
  "    bind: 127.0.0.1:0", // 13
  "    backend: web", // 14
  "backends:", // 15
  "  web:", // 16
  "    balance: rundrobin", // 17
  "    servers:", // 18
  "      one: { address: 127.0.0.1:8001, weight: 1000 }", // 19
];

test("check tells every mistake at once, each with its place, and exits 2", async () => {
  const cwd = folderWith(...mistaken);
  const { code, out, err } = await runCommand(["check"], { cwd });
  expect({ code, out }).toEqual({ code: 2, out: "" });
  const places = err.split("\n").map((line) => /^ballast\.yaml:(\d+:\d+): /.exec(line)?.[1]);
  expect(places).toEqual([
    "2:12",
    "3:3",
    "5:23",
    "8:11",
    "9:11",
    "10:14",
    "11:3",
    "17:14",
    "19:47",
  ]);
  expect(err).toContain('Did you mean "shutdownTimeout"?');
  expect(err).toContain('Did you mean "roundrobin"?');
});

test("check says what a valid file has, on stdout, and exits 0", async () => {
  const cwd = folderWith(...valid);
  expect(await runCommand(["check", "-c", join(cwd, "ballast.yaml")])).toEqual({
    code: 0,
    out: `${join(cwd, "ballast.yaml")}: valid, with 1 frontend, 1 backend, 2 servers`,
    err: "",
  });
});

test.each(["check", "run"])(
  "%s of a file that is not there is a sentence, exit 2",
  async (verb) => {
    const { code, out, err } = await runCommand([verb, "-c", "/nowhere/ballast.yaml"]);
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toMatch(/^\/nowhere\/ballast\.yaml:1:1: .+\. .+\.$/);
  },
);

test("run with an invalid file tells its mistakes as check does, and exits 2", async () => {
  const cwd = folderWith(...mistaken);
  const checked = await runCommand(["check"], { cwd });
  expect(await runCommand(["run"], { cwd })).toEqual(checked);
});

test.each([[["--version"]], [["-V"]]])("%j prints the version of the package", async (words) => {
  expect(await runCommand(words)).toEqual({ code: 0, out: version, err: "" });
});

test.each([
  [["--help"], "Usage: ballast "],
  [["run", "-h"], "Usage: ballast run "],
  [["check", "--help"], "Usage: ballast check "],
  [["demo", "-h"], "Usage: ballast demo "],
])("%j prints help on stdout and exits 0", async (words, usage) => {
  const { code, out, err } = await runCommand(words);
  expect({ code, err }).toEqual({ code: 0, err: "" });
  expect(out).toContain(usage);
});

test.each([
  [["rnu"], "Did you mean run?"],
  [["run", "--cofig", "x"], "Did you mean --config?"],
  [["run", "-c"], "argument missing"],
  [["run", "one", "more"], "too many arguments"],
  [[], "no verb given"],
])("%j is wrong usage: a sentence on stderr, exit 2", async (words, sentence) => {
  const { code, out, err } = await runCommand(words);
  expect({ code, out }).toEqual({ code: 2, out: "" });
  expect(err).toContain(sentence);
});
