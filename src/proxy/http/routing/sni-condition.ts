// A condition on the server name that the client asked for in TLS, with us: one of several names, or all
// that end with one of several suffixes, however many labels come before. Looked up, not tried one
// by one. Both sides are in lower case, without a final dot.
import type { Condition } from "./condition.ts";
import type { RequestView } from "./request-view.ts";

export class SniCondition implements Condition {
  readonly what: string;
  readonly #exact: ReadonlySet<string>;
  /** Beginning with their dot. */
  readonly #suffixes: ReadonlySet<string>;
  /** Of the suffixes; 0: there are none. */
  readonly #longest: number;

  /** `a.example`, `*.example`. */
  constructor(names: readonly string[]) {
    const suffixes = names.filter((name) => name.startsWith("*")).map((name) => name.slice(1));
    this.what = "sni";
    this.#exact = new Set(names.filter((name) => !name.startsWith("*")));
    this.#suffixes = new Set(suffixes);
    this.#longest = suffixes.reduce((longest, { length }) => Math.max(longest, length), 0);
  }

  /** Who names nothing, or speaks no TLS, is not meant. */
  holds({ sni }: RequestView): boolean {
    if (sni === "") return false;
    if (this.#exact.has(sni)) return true;
    if (this.#longest === 0) return false;
    // From the end, so that a name of a hundred labels costs no more than the suffixes do.
    let dot = sni.lastIndexOf(".");
    while (dot > 0 && sni.length - dot <= this.#longest) {
      if (this.#suffixes.has(sni.slice(dot))) return true;
      dot = sni.lastIndexOf(".", dot - 1);
    }
    return false;
  }
}
