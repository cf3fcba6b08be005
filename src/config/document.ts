// YAML text to a tree of values that remember where they stand. Knows YAML and environment
// variables, nothing of load balancing. load.ts calls it.
import { Composer, type Document, LineCounter, Scalar, visit } from "yaml";
import type { Fault } from "./problem.ts";
import { TreeBuilder } from "./tree-builder.ts";
import type { TreeNode } from "./tree.ts";
import { nestingMax, parseTokens } from "./yaml-nesting.ts";

/** What a text holds: its tree when it is YAML at all, and everything that is wrong with it. */
export interface ConfigDocument {
  readonly root: TreeNode | null;
  readonly faults: readonly Fault[];
  readonly lines: LineCounter;
}

/** After that many syntax errors the rest is noise. */
const syntaxErrorsMax = 20;

/** Reads one YAML document, with the variables of `env` put in. Never throws for what `text` holds. */
export function readDocument(text: string, env: NodeJS.ProcessEnv): ConfigDocument {
  const lines = new LineCounter();
  const { tokens, tooDeepAt } = parseTokens(text, lines.addNewLine);
  if (tooDeepAt !== null) {
    const message = `lists and maps are nested more than ${nestingMax} deep`;
    return failed(lines, [fault(tooDeepAt, message, "A configuration needs far fewer levels.")]);
  }
  // Duplicate keys are found by the builder: here it would cost quadratic time.
  const options = { lineCounter: lines, prettyErrors: false, uniqueKeys: false } as const;
  const composer = new Composer({ ...options, schema: "core", merge: false });
  const documents: Document.Parsed[] = [];
  for (const document of composer.compose(tokens, true, text.length)) {
    documents.push(document);
    if (documents.length === 2) break;
  }
  const [first, second] = documents;
  const syntax = first ? syntaxFaults(first, text) : [];
  if (second) {
    const message = "the file has more than one YAML document";
    const hint = "Remove the line --- here, or keep each configuration in its own file.";
    syntax.push(fault(second.range[0], message, hint));
  }
  if (syntax.length > 0) return failed(lines, syntax);
  const contents = first?.contents ?? null;
  if (!first || contents === null) {
    return failed(lines, [fault(0, "the file is empty", "Write frontends and backends into it.")]);
  }
  const builder = new TreeBuilder(env, first.schema.tags, lines);
  return { root: builder.build(contents, []), faults: builder.faults, lines };
}

function failed(lines: LineCounter, faults: Fault[]): ConfigDocument {
  return { root: null, faults, lines };
}

function fault(offset: number, message: string, hint: string): Fault {
  return { severity: "error", offset, path: [], message, hint };
}

function syntaxFaults(document: Document.Parsed, text: string): Fault[] {
  const faults: Fault[] = [];
  for (const { code, message, pos } of [...document.errors, ...document.warnings]) {
    if (faults.length === syntaxErrorsMax) break;
    const known = code === "TAG_RESOLVE_FAILED" ? "unknown YAML tag" : `not valid YAML: ${message}`;
    const offset = code === "MISSING_CHAR" ? openingQuote(document, pos[0]) : pos[0];
    faults.push(fault(offset, known.replace(/\.$/, ""), syntaxHint(code, text, offset)));
  }
  return faults;
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
function syntaxHint(code: string, text: string, offset: number): string {
  const from = text.lastIndexOf("\n", offset - 1) + 1;
  const to = text.indexOf("\n", offset);
  const line = text.slice(from, to < 0 ? text.length : to).slice(0, 500);
  const bracketed = /(?<!["'])\[[0-9a-fA-F:.]*:[0-9a-fA-F:.]*\]:[0-9]+/.exec(line);
  if (bracketed) return `Put the address between quotes: "${bracketed[0]}".`;
  if (/[{[].*\$\{/.test(line)) {
    return 'Inside { } or [ ] put a value with ${...} between quotes: "${NAME}".';
  }
  if (code === "TAB_AS_INDENT") return "Indent with spaces.";
  if (code === "TAG_RESOLVE_FAILED") return "Remove it, or put the value between quotes.";
  if (code === "BLOCK_AS_IMPLICIT_KEY" || code === "MULTILINE_IMPLICIT_KEY") {
    return 'Check the indentation, and put a value that contains ": " between quotes.';
  }
  if (code === "MISSING_CHAR") return "Close the quote or bracket that was opened.";
  return "Check the indentation, quotes and brackets here and on the line before.";
}
