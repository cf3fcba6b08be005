// The configuration reference, docs/configuration.md, from the schema: every key with its type,
// default and meaning. scripts/generate.mjs writes it; what surrounds the tables is in
// reference-prose.ts.
import { plainSchema, type SchemaNode } from "./json-schema.ts";
import { after, before } from "./reference-prose.ts";

interface Row {
  readonly key: string;
  readonly type: string;
  readonly fallback: string;
  readonly meaning: string;
}

/** Text of docs/configuration.md. */
export function referenceText(): string {
  const sections = Object.entries(plainSchema().properties ?? {}).map(([name, node]) =>
    section(name, node),
  );
  return [before, ...sections, after].join("\n");
}

function section(name: string, node: SchemaNode): string {
  const rows: Row[] = [];
  const named = typeof node.additionalProperties === "object";
  collect(node, named ? "NAME" : "", rows, new Map());
  const lines = rows.map(
    ({ key, type, fallback, meaning }) => `| \`${key}\` | ${type} | ${fallback} | ${meaning} |`,
  );
  const intro = named ? `${node.description} Keys below \`${name}.NAME\`:` : node.description;
  const head = ["| key | type | default | meaning |", "|---|---|---|---|"];
  return [`## ${name}`, "", intro, "", ...head, ...lines, ""].join("\n");
}

/**
 * A row for each key of the map that `node` is or may be, and of the maps below it. `told` has the
 * maps whose keys have rows already, by their text: a second one of the same refers to the first.
 */
function collect(node: SchemaNode, place: string, rows: Row[], told: Map<string, string>): void {
  for (const form of forms(node)) {
    if (typeof form.additionalProperties === "object") {
      collect(form.additionalProperties, place === "NAME" ? "" : `${place}.NAME`, rows, told);
    }
    for (const [key, child] of Object.entries(form.properties ?? {})) {
      const path = place === "" ? key : `${place}.${key}`;
      const required = form.required?.includes(key) ?? false;
      const inner = JSON.stringify(forms(child).map(({ properties }) => properties));
      const first = inner.includes("{") ? told.get(inner) : undefined;
      rows.push({
        key: path,
        type: typeOf(child),
        fallback: required ? "required" : fallbackOf(child),
        meaning: `${child.description ?? ""}${first ? ` Its keys are those of \`${first}\`.` : ""}`,
      });
      if (first !== undefined) continue;
      told.set(inner, path);
      collect(child, path, rows, told);
    }
  }
}

/**
 * What a value may be. Of a list that is one form among others the items are left out: they have the
 * same keys as a single one.
 */
function forms(node: SchemaNode): SchemaNode[] {
  return [node, ...(node.items ? forms(node.items) : []), ...(node.anyOf ?? []).flatMap(single)];
}

function single(node: SchemaNode): SchemaNode[] {
  return [node, ...(node.anyOf ?? []).flatMap(single)];
}

function typeOf(node: SchemaNode): string {
  if (node.title !== undefined) return node.title;
  if (node.enum) return node.enum.map((word) => `\`${String(word)}\``).join(", ");
  if (node.type === "boolean") return "`true`, `false`";
  if (typeof node.additionalProperties === "object") return "name: value";
  return node.type ?? "";
}

function fallbackOf({ default: fallback }: SchemaNode): string {
  const scalar = ["string", "number", "boolean"].includes(typeof fallback);
  return scalar ? `\`${JSON.stringify(fallback).replaceAll('"', "")}\`` : "";
}
