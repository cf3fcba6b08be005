// Field numbers, derived from the descriptions in layout.ts. Hot code passes them to a table's
// methods (`servers.count(row, serverField.sessions, 1)`); the types keep a number from being used
// with another table or with a method of another kind.
import { type Kind, type TableName, type Tables, tables } from "./layout.ts";

declare const belongsTo: unique symbol;

/** The number of a field within its kind: for `shared` and `gauge` its cell in the row. */
export type Field<T extends TableName, K extends Kind> = number & {
  readonly [belongsTo]: readonly [T, K];
};

/** The numbers of all fields of a table, by name. */
export type Fields<T extends TableName> = {
  readonly [Name in keyof Tables[T]]: Tables[T][Name] extends Kind
    ? Field<T, Tables[T][Name]>
    : never;
};

/** A field of a table as a generic reader sees it. */
export interface FieldEntry {
  readonly name: string;
  readonly kind: Kind;
  readonly number: number;
}

/** The names of one kind of fields, in the order of their numbers. */
function namesOf(table: TableName, kind: Kind): string[] {
  return Object.entries(tables[table])
    .filter(([, of]) => of === kind)
    .map(([name]) => name);
}

/** How many fields of a kind a table has. */
export function fieldCount(table: TableName, kind: Kind): number {
  return namesOf(table, kind).length;
}

/**
 * Every field of a table with its number. Gauges come first in a row's cells and shared fields
 * after them, so that one number serves a gauge both in the row and in a worker's own column. Marks
 * follow the counters in a worker's column.
 */
export function fieldEntries(table: TableName): readonly FieldEntry[] {
  const first = {
    gauge: 0,
    shared: fieldCount(table, "gauge"),
    counter: 0,
    mark: fieldCount(table, "counter"),
  };
  const kinds: readonly Kind[] = ["gauge", "shared", "counter", "mark"];
  return kinds.flatMap((kind) =>
    namesOf(table, kind).map((name, i) => ({ name, kind, number: first[kind] + i })),
  );
}

function numbersOf<T extends TableName>(table: T): Fields<T> {
  const numbers = fieldEntries(table).map(({ name, number }) => [name, number] as const);
  return Object.freeze(Object.fromEntries(numbers)) as Fields<T>;
}

export const serverField: Fields<"server"> = numbersOf("server");
export const backendField: Fields<"backend"> = numbersOf("backend");
export const frontendField: Fields<"frontend"> = numbersOf("frontend");
export const workerField: Fields<"worker"> = numbersOf("worker");
