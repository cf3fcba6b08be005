// Strict-Transport-Security of a frontend's `hsts` (RFC 6797): what browsers remember about using TLS.
// It is on every response to a client that speaks TLS, and on no other (section 7.2), once, whatever a
// server or a rewrite has put there. Compiled when the plan is built; applied after all rewrites.
import { type FieldName, fieldName } from "../../../http/field-name.ts";
import type { Head } from "../../../http/head.ts";
import type { RewriteContext } from "./rewrite-context.ts";

export const strictTransportName = "strict-transport-security";

export class StrictTransport {
  readonly #name: FieldName;
  readonly #value: Uint8Array;

  constructor(value: string) {
    this.#name = fieldName(strictTransportName);
    this.#value = Uint8Array.from(Buffer.from(value, "latin1"));
  }

  apply(head: Head, { secure }: RewriteContext): void {
    head.dropAll(this.#name);
    if (secure) head.add(this.#name, this.#value, 0, this.#value.length);
  }
}

/** `value`: of the field; empty: what servers and rewrites say stays as it is, and null is given. */
export function compileStrictTransport(value: string): StrictTransport | null {
  return value === "" ? null : new StrictTransport(value);
}
