import * as fc from "fast-check";
import { expect, test } from "vitest";
import { substitute } from "./substitution.ts";

const env = { HOST: "10.0.0.1", PORT: "80", EMPTY: "", NESTED: "${HOST}" };

test.each([
  ["plain", "plain"],
  ["${HOST}:${PORT}", "10.0.0.1:80"],
  ["${NOPE:-fallback}", "fallback"],
  ["${NOPE:-}", ""],
  ["${NOPE:-a:-b}", "a:-b"],
  ["${HOST:-fallback}", "10.0.0.1"],
  ["${EMPTY}", ""],
  ["${EMPTY:-fallback}", "fallback"],
  ["$${HOST}", "${HOST}"],
  ["$$${HOST}", "$${HOST}"],
  ["$HOST $ {HOST} $$", "$HOST $ {HOST} $$"],
])("%s becomes %s", (text, value) => {
  expect(substitute(text, env)).toEqual({ ok: true, value });
});

test("a variable's content is not looked at again", () => {
  expect(substitute("${NESTED}", env)).toEqual({ ok: true, value: "${HOST}" });
});

test.each([
  ["${NOPE}", 'the environment variable "NOPE" is not set', "${NOPE:-default}"],
  ["a${HOST", "closing brace", "${NAME}"],
  ["${}", "is not an environment variable", "${NAME:-default}"],
  ["${1A}", "is not an environment variable", "${NAME:-default}"],
  ["${HOST-x}", "is not an environment variable", "${NAME:-default}"],
  ["${HOST }", "is not an environment variable", "${NAME:-default}"],
])("%s is refused", (text, message, hint) => {
  expect(substitute(text, env)).toMatchObject({
    ok: false,
    message: expect.stringContaining(message) as unknown,
    hint: expect.stringContaining(hint) as unknown,
  });
});

test("text without ${ stays as it is", () => {
  const plain = fc.string().filter((text) => !text.includes("${"));
  fc.assert(
    fc.property(plain, (text) => {
      expect(substitute(text, {})).toEqual({ ok: true, value: text });
    }),
  );
});
