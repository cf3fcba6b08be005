// Questions about the schema that a message needs answered: which keys may stand here, where else a
// key belongs, what a value looks like. diagnosis.ts asks; built once, when the first problem comes.
import { plainSchema, type SchemaNode } from "./json-schema.ts";
import type { Path } from "./problem.ts";

let root: SchemaNode | null = null;
let everyKey: readonly string[] | null = null;

/** Keys that may stand in the map at `path`; empty when names are free there. */
export function keysAt(path: Path): string[] {
  const keys = nodesAt(path).flatMap((node) => Object.keys(node.properties ?? {}));
  return [...new Set(keys)];
}

/** An example of the value at `path` as an operator would write it, or null. */
export function exampleAt(path: Path): string | null {
  for (const node of nodesAt(path)) {
    const example = node.examples?.[0];
    if (example !== undefined) return flow(example);
  }
  return null;
}

/** Places that have `key`, such as `backends.NAME.timeout`. */
export function placesOf(key: string): string[] {
  const places: string[] = [];
  collectPlaces(schemaRoot(), key, "", places);
  return [...new Set(places)];
}

/** Every key that the language has, wherever it may stand. */
export function allKeys(): readonly string[] {
  if (everyKey === null) {
    const keys = new Set<string>();
    collectKeys(schemaRoot(), keys);
    everyKey = [...keys];
  }
  return everyKey;
}

/** The schemas that may apply at `path`: several where a value has more than one form. */
function nodesAt(path: Path): SchemaNode[] {
  let nodes = [schemaRoot()].flatMap(alternatives);
  for (const step of path) {
    nodes = nodes.flatMap((node) => childrenOf(node, step)).flatMap(alternatives);
  }
  return nodes;
}

function schemaRoot(): SchemaNode {
  root ??= plainSchema();
  return root;
}

/** The node and, below it, every form that its value may have. */
function alternatives(node: SchemaNode): SchemaNode[] {
  return [node, ...(node.anyOf ?? []).flatMap(alternatives)];
}

function childrenOf(node: SchemaNode, step: string | number): SchemaNode[] {
  if (typeof step === "number") return node.items ? [node.items] : [];
  const named = node.properties && Object.hasOwn(node.properties, step);
  if (named) return [node.properties[step] ?? {}];
  return typeof node.additionalProperties === "object" ? [node.additionalProperties] : [];
}

function collectPlaces(node: SchemaNode, key: string, place: string, places: string[]): void {
  for (const form of alternatives(node)) {
    if (form.items) collectPlaces(form.items, key, place, places);
    if (typeof form.additionalProperties === "object") {
      collectPlaces(form.additionalProperties, key, `${place}.NAME`, places);
    }
    for (const [name, child] of Object.entries(form.properties ?? {})) {
      if (name === key) places.push(place === "" ? "the top of the file" : place);
      collectPlaces(child, key, place === "" ? name : `${place}.${name}`, places);
    }
  }
}

function collectKeys(node: SchemaNode, keys: Set<string>): void {
  for (const form of alternatives(node)) {
    if (form.items) collectKeys(form.items, keys);
    if (typeof form.additionalProperties === "object") collectKeys(form.additionalProperties, keys);
    for (const [name, child] of Object.entries(form.properties ?? {})) {
      keys.add(name);
      collectKeys(child, keys);
    }
  }
}

/** YAML's flow form of an example. */
function flow(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(flow).join(", ")}]`;
  if (typeof value !== "object" || value === null) return String(value);
  const pairs = Object.entries(value).map(([key, item]) => `${key}: ${flow(item)}`);
  return `{ ${pairs.join(", ")} }`;
}
