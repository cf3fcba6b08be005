// What becomes of a response's head on its way to the client. Compiled once for each way through the
// plan; the exchange applies it before the codec writes the head. Null instead of one: nothing to do.
import type { ResponseRewrite } from "../../../config/rewrite-plan.ts";
import type { ResponseHead } from "../../../http/response-head.ts";
import { compileHeaderRewrite, type HeaderRewrite } from "./header-rewrite.ts";
import type { RewriteContext } from "./rewrite-context.ts";

export class ResponseRewriter {
  /** It looks at the request: the exchange must have its head at hand again, as the client sent it. */
  readonly needsRequest: boolean;
  /** It does the same to the same head, whatever else is going on: no value has variables. */
  readonly fixed: boolean;
  readonly #steps: readonly HeaderRewrite[];

  constructor(steps: readonly HeaderRewrite[]) {
    this.#steps = steps;
    this.fixed = steps.every((each) => each.fixed);
    this.needsRequest = steps.some((each) => each.needsRequest);
  }

  apply(head: ResponseHead, context: RewriteContext): void {
    for (let i = 0; i < this.#steps.length; i++) {
      (this.#steps[i] as HeaderRewrite).apply(head, context);
    }
  }
}

/**
 * Applied in the order given; the last one has the last word. A response passes backend, route and
 * frontend, so that is the order to give them in. Null: none of them changes anything.
 */
export function compileResponseRewriter(
  rewrites: readonly ResponseRewrite[],
): ResponseRewriter | null {
  const steps = rewrites
    .map(({ headers }) => compileHeaderRewrite(headers, []))
    .filter((each) => each !== null);
  return steps.length === 0 ? null : new ResponseRewriter(steps);
}
