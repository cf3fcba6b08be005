import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { afterAll, expect, test } from "vitest";
import { fileBytesMax } from "./file.ts";
import { loadConfig } from "./load.ts";

const folder = mkdtempSync(join(tmpdir(), "ballast-config-"));
const valid = `frontends: { f: { mode: tcp, bind: "127.0.0.1:0", backend: b } }
backends: { b: { servers: { s: "127.0.0.1:1" } } }
`;

afterAll(() => {
  rmSync(folder, { recursive: true });
});

function write(name: string, content: string | Uint8Array): string {
  const file = join(folder, name);
  writeFileSync(file, content);
  return file;
}

test("a valid file becomes a plan that knows its source", async () => {
  const file = write("valid.yaml", valid);
  const { plan, problems } = await loadConfig(file, {});
  expect(problems).toEqual([]);
  expect(plan?.source).toBe(file);
});

test("variables come from the environment that is passed in", async () => {
  const file = write("env.yaml", valid.replace('"127.0.0.1:1"', '"${SERVER}"'));
  const { plan } = await loadConfig(file, { SERVER: "10.0.0.1:2" });
  expect(plan?.backends[0]?.servers[0]?.address).toMatchObject({ host: "10.0.0.1", port: 2 });
});

test("a byte order mark is no part of the text", async () => {
  const { plan } = await loadConfig(write("bom.yaml", `\uFEFF${valid}`), {});
  expect(plan).not.toBeNull();
});

test.each([
  ["absent.yaml", "there is no such file", "-c FILE"],
  ["valid.yaml/x", "there is no such file", "-c FILE"],
  [".", "this is a folder", "-c FILE"],
  ["nul\0.yaml", "the file cannot be read", "Name a file"],
])("%j is told to be unreadable, at its beginning", async (name, message, hint) => {
  write("valid.yaml", valid);
  const file = name === "." ? folder : `${folder}/${name}`;
  const { plan, problems } = await loadConfig(file, {});
  expect(plan).toBeNull();
  expect(problems).toHaveLength(1);
  expect(problems[0]).toMatchObject({
    severity: "error",
    file,
    line: 1,
    column: 1,
    path: "",
    message: expect.stringContaining(message) as unknown,
    hint: expect.stringContaining(hint) as unknown,
  });
});

// A super-user may read everything.
test.skipIf(process.getuid?.() === 0)("a file without permission is told so", async () => {
  const file = write("secret.yaml", valid);
  chmodSync(file, 0o000);
  const { problems } = await loadConfig(file, {});
  expect(problems[0]?.message).toBe("this user may not read the file");
});

test("bytes that are no UTF-8 are told", async () => {
  const file = write("latin1.yaml", Uint8Array.of(0x61, 0x3a, 0x20, 0xe9, 0x0a));
  const { problems } = await loadConfig(file, {});
  expect(problems.map(({ message }) => message)).toEqual(["the file is not UTF-8 text"]);
});

test("a file over the limit is told, one at the limit is read", async () => {
  const comment = "#".repeat(fileBytesMax - valid.length - 1);
  const full = write("full.yaml", `${valid}${comment}\n`);
  expect((await loadConfig(full, {})).plan).not.toBeNull();
  const over = write("over.yaml", `${valid}${comment}#\n`);
  const { problems } = await loadConfig(over, {});
  expect(problems.map(({ message }) => message)).toEqual(["the file is larger than 8 MiB"]);
});

test.skipIf(process.platform === "win32")("a named pipe can be read like a file", async () => {
  const file = join(folder, "pipe");
  execFileSync("mkfifo", [file]);
  const [{ plan }] = await Promise.all([loadConfig(file, {}), writeFile(file, valid)]);
  expect(plan).not.toBeNull();
});
