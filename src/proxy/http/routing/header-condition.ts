// A header condition: one of the fields of that name has one of the values, or there is none. Values
// are compared whole and with regard to case: a field with a comma in it is one value, because only
// some fields are lists (RFC 9110 section 5.6.1).
import type { FieldMatch } from "../../../config/route-plan.ts";
import { type FieldName, fieldName } from "../../../http/field-name.ts";
import type { Condition } from "./condition.ts";
import type { RequestView } from "./request-view.ts";
import { ValueMatcher } from "./value-matcher.ts";

export class HeaderCondition implements Condition {
  readonly what: string;
  readonly #name: FieldName;
  readonly #absent: boolean;
  readonly #values: ValueMatcher;

  constructor({ name, absent, values }: FieldMatch) {
    this.what = `header ${name}`;
    this.#name = fieldName(name);
    this.#absent = absent;
    this.#values = new ValueMatcher(values);
  }

  holds({ head }: RequestView): boolean {
    let i = head.find(this.#name);
    if (this.#absent) return i < 0;
    for (; i >= 0; i = head.find(this.#name, i + 1)) {
      if (this.#values.test(head.bytesOf(i), head.valueStart(i), head.valueEnd(i))) return true;
    }
    return false;
  }
}
