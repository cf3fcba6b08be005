// Headers removed, set and added, in that order, on a request or a response. Compiled when the plan
// is built; applied to the head in place. A field that variables leave without any value is not sent
// (as with nginx and Envoy; HAProxy sends an empty one), but what the sender had under that name is
// gone all the same. A value that the configuration itself leaves empty is sent empty.
import {
  type HeaderOperations,
  reservedHeaders,
  type Template,
} from "../../../config/rewrite-plan.ts";
import { ByteBuilder } from "../../../http/byte-builder.ts";
import { lowerCase } from "../../../http/characters.ts";
import { type FieldName, fieldName } from "../../../http/field-name.ts";
import type { Head } from "../../../http/head.ts";
import type { RewriteContext } from "./rewrite-context.ts";
import { ValueTemplate } from "./value-template.ts";

const value = new ByteBuilder();

class FieldValue {
  readonly name: FieldName;
  readonly template: ValueTemplate;

  constructor(name: string, template: Template) {
    this.name = fieldName(name);
    this.template = new ValueTemplate(template);
  }

  addTo(head: Head, context: RewriteContext): void {
    const { fixed } = this.template;
    if (fixed !== null) {
      head.add(this.name, fixed, 0, fixed.length);
      return;
    }
    this.template.writeField(value, context);
    if (value.length > 0) head.add(this.name, value.bytes, 0, value.length);
  }
}

export class HeaderRewrite {
  /** A value looks at the request. */
  readonly needsRequest: boolean;
  /** No value has variables. */
  readonly fixed: boolean;
  readonly #removed: readonly FieldName[];
  /** What names begin with, in lower case. */
  readonly #removedPrefixes: readonly Uint8Array[];
  readonly #set: readonly FieldValue[];
  readonly #added: readonly FieldValue[];

  constructor(operations: HeaderOperations) {
    const plain = operations.remove.filter((name) => !name.endsWith("*"));
    const wild = operations.remove.filter((name) => name.endsWith("*"));
    this.#removed = plain.map(fieldName);
    this.#removedPrefixes = wild.map((name) => fieldName(name.slice(0, -1)).bytes);
    this.#set = operations.set.map(({ name, value: of }) => new FieldValue(name, of));
    this.#added = operations.add.map(({ name, value: of }) => new FieldValue(name, of));
    const values = [...this.#set, ...this.#added];
    this.needsRequest = values.some((each) => each.template.needsRequest);
    this.fixed = values.every((each) => each.template.fixed !== null);
  }

  apply(head: Head, context: RewriteContext): void {
    for (let i = 0; i < this.#removed.length; i++) head.dropAll(this.#removed[i] as FieldName);
    for (let i = 0; i < this.#removedPrefixes.length; i++) {
      dropPrefix(head, this.#removedPrefixes[i] as Uint8Array);
    }
    for (let i = 0; i < this.#set.length; i++) {
      const field = this.#set[i] as FieldValue;
      // A value may be made of the one that it replaces.
      const before = head.count;
      field.addTo(head, context);
      for (let j = head.find(field.name); j >= 0 && j < before; j = head.find(field.name, j + 1)) {
        head.drop(j);
      }
    }
    for (let i = 0; i < this.#added.length; i++)
      (this.#added[i] as FieldValue).addTo(head, context);
  }
}

/** Null: there is nothing to do. `kept`: further names that may not be touched here. */
export function compileHeaderRewrite(
  operations: HeaderOperations,
  kept: readonly string[],
): HeaderRewrite | null {
  const allowed = (name: string): boolean => {
    const lower = name.toLowerCase();
    return !reservedHeaders.includes(lower) && !kept.includes(lower);
  };
  const set = operations.set.filter(({ name }) => allowed(name));
  const add = operations.add.filter(({ name }) => allowed(name));
  const remove = operations.remove.filter(allowed);
  if (set.length + add.length + remove.length === 0) return null;
  return new HeaderRewrite({ set, add, remove });
}

/** Fields that are kept for framing stay, whatever the wildcard says. */
function dropPrefix(head: Head, prefix: Uint8Array): void {
  for (let i = 0; i < head.count; i++) {
    if (head.isDropped(i) || !begins(head, i, prefix) || isReserved(head, i)) continue;
    head.drop(i);
  }
}

function begins(head: Head, i: number, prefix: Uint8Array): boolean {
  const bytes = head.bytesOf(i);
  const start = head.nameStart(i);
  if (head.nameEnd(i) - start < prefix.length) return false;
  for (let at = 0; at < prefix.length; at++) {
    if (lowerCase[bytes[start + at] as number] !== prefix[at]) return false;
  }
  return true;
}

/** Ids of what a wildcard spares: reserved names, and Host. */
const spared: Uint8Array = new Uint8Array(256);
for (const name of [...reservedHeaders, "host"]) spared[fieldName(name).id] = 1;
spared[0] = 0;

function isReserved(head: Head, i: number): boolean {
  return spared[head.ids[i] as number] === 1;
}
