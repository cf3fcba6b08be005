// A condition on the protocols that the client offered in TLS, with us (RFC 7301): one of them is one of
// these. What was agreed on is not asked: that is what the bind prefers, and says less of the client.
import type { Condition } from "./condition.ts";
import type { RequestView } from "./request-view.ts";

export class AlpnCondition implements Condition {
  readonly what: string;
  readonly #protocols: readonly string[];

  constructor(protocols: readonly string[]) {
    this.what = "alpn";
    this.#protocols = protocols;
  }

  /** Who offers none, or speaks no TLS, is not meant. */
  holds({ offered }: RequestView): boolean {
    for (let i = 0; i < offered.length; i++) {
      if (this.#protocols.includes(offered[i] as string)) return true;
    }
    return false;
  }
}
