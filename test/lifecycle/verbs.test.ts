// What the command line understands beside its options.
import { expect, test } from "vitest";
import { writeFileSync } from "node:fs";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { atTestEnd } from "../support/leftovers.ts";
import { runCommand } from "../support/command.ts";

test("check takes the file also without -c", async () => {
  const folder = mkdtempSync(join(tmpdir(), "ballast-verbs-"));
  atTestEnd(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "small.yaml");
  writeFileSync(file, "frontends: { f: { mode: tcp, bind: ':0', backend: b } }\nbackends: {}\n");
  const wrong = await runCommand(["check", file]);
  expect(wrong.code).toBe(2);
  expect(wrong.err).toContain(`${file}:1:`);
});

test.each(["top", "explain", "simulate"])(
  "%s is told as a word of a later version",
  async (verb) => {
    const { code, err } = await runCommand([verb, "web/web1", "--admin", "127.0.0.1:1"]);
    expect(code).toBe(2);
    expect(err).toContain(`does not have '${verb}' yet`);
  },
);
