import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { problemsBesideFiles } from "../../test/support/resolved.ts";
import { jsonSchemaText } from "./json-schema.ts";
import { parseConfig } from "./load.ts";
import { referenceText } from "./reference.ts";
import { after, example } from "./reference-prose.ts";

test.each([
  ["schema/ballast.schema.json", jsonSchemaText()],
  ["docs/configuration.md", referenceText()],
])("%s is what the schema says", (file, expected) => {
  const committed = readFileSync(new URL(`../../${file}`, import.meta.url), "utf8");
  expect(committed === expected, `${file} is stale: run node scripts/generate.mjs`).toBe(true);
});

test("the reference has a row for every key, with its meaning", () => {
  const text = referenceText();
  for (const key of ["workers", "timeout.clientHs", "bind.acceptProxy", "servers.NAME.weight"]) {
    expect(text).toMatch(new RegExp(`^\\| \`${key.replaceAll(".", "\\.")}\` \\| [^|]+ \\|`, "m"));
  }
  expect(text).not.toMatch(/\| *\|\n/);
});

test("the reference's example is valid", () => {
  expect(parseConfig(example, "example.yaml", {}).problems).toEqual([]);
});

test("the reference's example of TLS is valid, but for the files", () => {
  const [, text = ""] = /^```yaml\n(.*?)^```$/ms.exec(after) ?? [];
  expect(text).toContain("certificates:");
  expect(problemsBesideFiles(text)).toEqual([]);
});

test("the JSON Schema takes the example, variables, and refuses what an editor can see", () => {
  const schema = z.fromJSONSchema(JSON.parse(jsonSchemaText()) as z.core.JSONSchema.JSONSchema);
  const accepts = (text: string): boolean => schema.safeParse(parse(text)).success;
  expect(accepts(example)).toBe(true);
  expect(accepts(example.replace("maxconn: 20000", "maxconn: ${MAX}"))).toBe(true);
  expect(accepts(example.replace("connect: 5s", "connect: 0"))).toBe(true);
  expect(accepts(example.replace("connect: 5s", "connect: 5"))).toBe(false);
  expect(accepts(example.replace("maxconn", "maxcon"))).toBe(false);
  expect(accepts(example.replace("leastconn", "best"))).toBe(false);
  expect(accepts(example.replace("weight: 3", "weight: 300"))).toBe(false);
});

test("the JSON Schema keeps defaults and takes variables where it wants no plain text", () => {
  const text = jsonSchemaText();
  const schema = JSON.parse(text) as Record<string, never>;
  expect(schema).toMatchObject({
    additionalProperties: false,
    required: ["frontends", "backends"],
    properties: {
      defaults: {
        properties: {
          retries: {
            default: 3,
            anyOf: [{ type: "integer", minimum: 0, maximum: 100 }, { $ref: "#/$defs/variable" }],
          },
          timeout: { properties: { connect: { default: "5s", title: "duration" } } },
        },
      },
    },
  });
});
