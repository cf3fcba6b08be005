import { expect, it } from "vitest";
import { literalPrefix } from "./pattern.ts";

it.each([
  ["^/users/[0-9]+", "/users/"],
  ["^/a/b?", "/a/"],
  ["^/a/b*c", "/a/"],
  ["^/a/b{0,2}", "/a/"],
  ["^/a/b+", "/a/b"],
  ["^/a$", "/a"],
  ["^/a|/b", ""],
  ["/a/", ""],
  ["^(?i)/a", ""],
  ["(?i)^/a", ""],
  ["^/a\\.b", "/a"],
])("all that %s matches begins with %j", (text, beginning) => {
  expect(literalPrefix(text)).toBe(beginning);
});
