// What the YAML parser refuses, told to an operator: one fault for each cause, where it is and in
// plain words. document.ts calls it with a document that has errors.
import { type Document, type LineCounter, Scalar, visit } from "yaml";
import type { Fault } from "./problem.ts";
import { type Slip, SlipFinder } from "./slips.ts";

type YamlError = Document.Parsed["errors"][number] | Document.Parsed["warnings"][number];

/** After that many syntax errors the rest is noise. */
const syntaxErrorsMax = 20;
/** Errors about how lines belong together; one slip often causes several of them. */
const structural: ReadonlySet<string> = new Set([
  "BAD_INDENT",
  "BLOCK_AS_IMPLICIT_KEY",
  "MULTILINE_IMPLICIT_KEY",
]);

/** The errors of `document`, in the order of the file, without those that follow from another. */
export function syntaxFaults(document: Document.Parsed, text: string, lines: LineCounter): Fault[] {
  const errors = [...document.errors, ...document.warnings].toSorted(
    (left, right) => left.pos[0] - right.pos[0],
  );
  const finder = new SlipFinder(text);
  const faults: Fault[] = [];
  let toldLine = -1;
  let coveredLine = -1;
  let tabs = false;
  for (const error of errors) {
    if (faults.length === syntaxErrorsMax) break;
    const line = lines.linePos(error.pos[0]).line - 1;
    const isTab = error.code === "TAB_AS_INDENT";
    if (line <= toldLine) continue;
    // The indentation of a line with a tab is unknown, so nothing after it can be trusted.
    if (tabs && !isTab) continue;
    if ((isTab || isStructural(error)) && line <= coveredLine) {
      coveredLine = Math.max(coveredLine, line + 1);
      continue;
    }
    const slip = slipOf(error, line, finder);
    tabs ||= isTab;
    toldLine = Math.max(line, slip?.line ?? 0);
    coveredLine = Math.max(coveredLine, slip?.lastLine ?? line + 1);
    faults.push(slip ? slipFault(slip, lines) : plainFault(error, document, text));
  }
  return faults;
}

function isStructural({ code, message }: YamlError): boolean {
  return structural.has(code) || isMissingValue(code, message);
}

/** The parser's code for an unclosed quote and for a key without a colon is the same. */
function isMissingValue(code: string, message: string): boolean {
  return code === "MISSING_CHAR" && message.startsWith("Implicit");
}

function slipOf(error: YamlError, line: number, finder: SlipFinder): Slip | null {
  if (error.code === "TAB_AS_INDENT") return finder.tab(line);
  const isFlow = error.message.startsWith("Flow");
  return isStructural(error) && !isFlow ? finder.structural(line) : null;
}

function slipFault({ line, column, message, hint }: Slip, lines: LineCounter): Fault {
  return fault((lines.lineStarts[line] ?? 0) + column, message, hint);
}

function plainFault({ code, message, pos }: YamlError, document: Document.Parsed, text: string) {
  const known = code === "TAG_RESOLVE_FAILED" ? "unknown YAML tag" : `not valid YAML: ${message}`;
  const offset = code === "MISSING_CHAR" ? openingQuote(document, pos[0]) : pos[0];
  return fault(offset, known.replace(/\.$/, ""), hintOf(code, text, offset));
}

function fault(offset: number, message: string, hint: string): Fault {
  return { severity: "error", offset, path: [], message, hint };
}

/** A quote that is never closed runs on to the end of the file; what helps is where it begins. */
function openingQuote(document: Document.Parsed, end: number): number {
  let offset = end;
  visit(document, {
    Scalar(_key, { range, type }) {
      const isQuoted = type === Scalar.QUOTE_SINGLE || type === Scalar.QUOTE_DOUBLE;
      if (isQuoted && range && range[0] < end && end <= range[2]) [offset] = range;
    },
  });
  return offset;
}

/** The two traps that Ballast's own notation has in YAML come first. */
function hintOf(code: string, text: string, offset: number): string {
  const from = text.lastIndexOf("\n", offset - 1) + 1;
  const to = text.indexOf("\n", offset);
  const line = text.slice(from, to < 0 ? text.length : to).slice(0, 500);
  const bracketed = /(?<!["'])\[[0-9a-fA-F:.]*:[0-9a-fA-F:.]*\]:[0-9]+/.exec(line);
  if (bracketed) return `Put the address between quotes: "${bracketed[0]}".`;
  if (/[{[].*\$\{/.test(line)) {
    return 'Inside { } or [ ] put a value with ${...} between quotes: "${NAME}".';
  }
  if (code === "TAG_RESOLVE_FAILED") return "Remove it, or put the value between quotes.";
  if (code === "BAD_INDENT") {
    return "Close the bracket that was opened, or indent what stands in it further than its key.";
  }
  if (code === "BLOCK_AS_IMPLICIT_KEY" || code === "MULTILINE_IMPLICIT_KEY") {
    return 'Check the indentation, and put a value that contains ": " between quotes.';
  }
  if (code === "MISSING_CHAR") return "Close the quote or bracket that was opened.";
  return "Check the indentation, quotes and brackets here and on the line before.";
}
