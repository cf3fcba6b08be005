// Header fields that the access log shows, by the names that a frontend's plan lists.
import { type FieldName, fieldName } from "../../http/field-name.ts";
import type { Head } from "../../http/head.ts";

const names = new Map<string, FieldName>();

/** The value of each, `, ` between several of one name; empty: the message has none. */
export function valuesOf(head: Head, wanted: readonly string[]): string[] {
  return wanted.map((name) => {
    let field = names.get(name);
    if (field === undefined) {
      field = fieldName(name);
      names.set(name, field);
    }
    let value = "";
    for (let i = head.find(field); i >= 0; i = head.find(field, i + 1)) {
      value += value === "" ? head.valueText(i) : `, ${head.valueText(i)}`;
    }
    return value;
  });
}
