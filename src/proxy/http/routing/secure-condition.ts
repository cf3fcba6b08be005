// A condition on whether the client speaks TLS, with us or with a trusted proxy that says so. A redirect
// to https asks it, so that who has followed one is not sent there again.
import type { Condition } from "./condition.ts";
import type { RequestView } from "./request-view.ts";

export class SecureCondition implements Condition {
  readonly what: string;
  readonly #wanted: boolean;

  constructor(wanted: boolean) {
    this.what = "secure";
    this.#wanted = wanted;
  }

  holds({ secure }: RequestView): boolean {
    return secure === this.#wanted;
  }
}
