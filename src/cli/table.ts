// Tables for a terminal: columns aligned, numbers to the right, colour only where a person looks.
// Whatever comes from elsewhere is made harmless first: a name must not be able to command a terminal.

/** `plain`, or how a cell is to be coloured. */
export type Colour = "plain" | "good" | "bad" | "warn" | "dim" | "bold";

export interface Cell {
  readonly text: string;
  readonly colour: Colour;
}

export interface Column {
  readonly title: string;
  readonly align: "left" | "right";
}

const codes: Readonly<Record<Colour, string>> = {
  plain: "",
  good: "\u001b[32m",
  bad: "\u001b[31m",
  warn: "\u001b[33m",
  dim: "\u001b[2m",
  bold: "\u001b[1m",
};
const reset = "\u001b[0m";

/** A cell without control characters, line ends or marks that turn the direction of writing. */
export function cell(text: string | number, colour: Colour = "plain"): Cell {
  return { text: harmless(String(text)), colour };
}

/** Control characters (C0, DEL, C1) and the Unicode formatting marks as `\u001b`. */
export function harmless(text: string): string {
  return text.replace(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`,
  );
}

/** Lines, each with its line end. Coloured where `colours` says so. */
export function formatTable(
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
  colours: boolean,
): string {
  const titles = columns.map(({ title }) => cell(title, "bold"));
  const widths = columns.map((_, i) =>
    Math.max(...[titles, ...rows].map((row) => row[i]?.text.length ?? 0)),
  );
  const line = (row: readonly Cell[]): string => {
    const cells = columns.map(({ align }, i) => {
      const { text = "", colour = "plain" } = row[i] ?? {};
      const padding = " ".repeat((widths[i] ?? 0) - text.length);
      const painted = colours && colour !== "plain" ? `${codes[colour]}${text}${reset}` : text;
      return align === "right" ? padding + painted : painted + padding;
    });
    return `${cells.join("  ").trimEnd()}\n`;
  };
  return [titles, ...rows].map(line).join("");
}

/** `1.5 MiB`: bytes as people read them. */
export function bytes(count: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
  let value = count;
  let unit = 0;
  for (; value >= 1023.95 && unit < units.length - 1; unit++) value /= 1024;
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}

/** `850ms`, `12s`, `3m05s`, `2h10m`, `4d03h`. */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)}ms`;
  const s = Math.floor(ms / 1000);
  if (s < 60) return `${s}s`;
  if (s < 3600) return pair(Math.floor(s / 60), "m", s % 60, "s");
  if (s < 86_400) return pair(Math.floor(s / 3600), "h", Math.floor((s % 3600) / 60), "m");
  return pair(Math.floor(s / 86_400), "d", Math.floor((s % 86_400) / 3600), "h");
}

function pair(big: number, bigUnit: string, small: number, smallUnit: string): string {
  return `${big}${bigUnit}${String(small).padStart(2, "0")}${smallUnit}`;
}
