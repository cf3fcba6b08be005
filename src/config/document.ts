// YAML text to a tree of values that remember where they stand. Knows YAML and environment
// variables, nothing of load balancing. load.ts calls it.
import { Composer, type Document, LineCounter } from "yaml";
import type { Fault } from "./problem.ts";
import { syntaxFaults } from "./syntax-faults.ts";
import { TreeBuilder } from "./tree-builder.ts";
import type { TreeNode } from "./tree.ts";
import { nestingMax, parseTokens } from "./yaml-nesting.ts";

/** What a text holds: its tree when it is YAML at all, and everything that is wrong with it. */
export interface ConfigDocument {
  readonly root: TreeNode | null;
  readonly faults: readonly Fault[];
  readonly lines: LineCounter;
}

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
  const syntax = first ? syntaxFaults(first, text, lines) : [];
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
