// Tables for a terminal: alignment, colour, and that nothing in them can do harm.
import { expect, test } from "vitest";
import { bytes, cell, duration, formatTable, harmless } from "./table.ts";

const columns = [
  { title: "NAME", align: "left" },
  { title: "N", align: "right" },
] as const;

test("columns are aligned by their widest cell, and no line ends in blanks", () => {
  const rows = [
    [cell("a"), cell(1)],
    [cell("longer"), cell(1234)],
    [cell(""), cell("")],
  ];
  expect(formatTable(columns, rows, false)).toBe(
    ["NAME       N", "a          1", "longer  1234", "", ""].join("\n"),
  );
});

test("colour stands around the text and does not move it", () => {
  const rows = [[cell("up", "good"), cell(1)]];
  const coloured = formatTable(columns, rows, true);
  expect(coloured).toContain("\u001b[32mup\u001b[0m    1\n");
  // oxlint-disable-next-line no-control-regex
  expect(coloured.replace(/\u001b\[[0-9]*m/g, "")).toBe(formatTable(columns, rows, false));
});

test("control characters and marks of direction are written out", () => {
  expect(harmless("a\u001b[2Jb\u0007\r\n\u009b\u202e\u2028c")).toBe(
    "a\\u001b[2Jb\\u0007\\u000d\\u000a\\u009b\\u202e\\u2028c",
  );
  expect(harmless("grüße, 東京")).toBe("grüße, 東京");
});

test.each([
  [0, "0 B"],
  [1023, "1023 B"],
  [1024, "1.0 KiB"],
  [1_048_575, "1.0 MiB"],
  [1.5 * 2 ** 30, "1.5 GiB"],
  [2 ** 62, "4096.0 PiB"],
])("%d bytes are %s", (count, text) => {
  expect(bytes(count)).toBe(text);
});

test.each([
  [0, "0ms"],
  [999, "999ms"],
  [1000, "1s"],
  [59_999, "59s"],
  [185_000, "3m05s"],
  [7_800_000, "2h10m"],
  [97 * 3_600_000, "4d01h"],
])("%d ms are %s", (ms, text) => {
  expect(duration(ms)).toBe(text);
});
