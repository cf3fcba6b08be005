// What becomes of a request's head on its way to a server, compiled from the rewrites of frontend,
// route and backend in that order. The exchange applies it for each attempt to a head as the client
// sent it, after forwarding.ts and before the codec writes it. Null instead of one: nothing to do.
import type { RequestRewrite } from "../../../config/rewrite-plan.ts";
import { ByteBuilder } from "../../../http/byte-builder.ts";
import { known } from "../../../http/field-name.ts";
import type { RequestHead } from "../../../http/request-head.ts";
import { compileHeaderRewrite, type HeaderRewrite } from "./header-rewrite.ts";
import { compilePathOperation, type PathOperation } from "./path-operations.ts";
import { RequestTarget } from "./request-target.ts";
import type { RewriteContext } from "./rewrite-context.ts";
import { ValueTemplate } from "./value-template.ts";

const target = new RequestTarget();
const host = new ByteBuilder();

/** One of the rewrites: its path, then its host, then its headers. */
class RequestStep {
  readonly path: readonly PathOperation[];
  /** Null: it stays. */
  readonly host: ValueTemplate | null;
  readonly headers: HeaderRewrite | null;
  /** No part of it has variables. */
  readonly fixed: boolean;

  constructor(rewrite: RequestRewrite) {
    this.path = rewrite.path.map(compilePathOperation).filter((each) => each !== null);
    this.headers = compileHeaderRewrite(rewrite.headers, ["host"]);
    // `set: { host: .. }` is the same as `host:`, which wins; Host can neither be added nor removed.
    const set = rewrite.headers.set.findLast(({ name }) => name.toLowerCase() === "host");
    const template = rewrite.host === null || rewrite.host === "server" ? set?.value : rewrite.host;
    this.host =
      template === undefined || rewrite.host === "server" ? null : new ValueTemplate(template);
    this.fixed =
      this.path.every((each) => each.fixed) &&
      (this.host === null || this.host.fixed !== null) &&
      (this.headers === null || this.headers.fixed);
  }

  apply(head: RequestHead, context: RewriteContext): void {
    if (this.path.length > 0 && target.load(head)) {
      for (let i = 0; i < this.path.length; i++) {
        (this.path[i] as PathOperation).apply(target, context);
      }
      target.store(head);
    }
    if (this.host !== null) {
      this.host.writeHost(host, context);
      // What leaves nothing valid leaves the host as it is.
      if (host.length > 0) setHost(head, host.bytes, 0, host.length);
    }
    if (this.headers !== null) this.headers.apply(head, context);
  }
}

export class RequestRewriter {
  /**
   * The Host field is to be the server's own host and port: the exchange calls setHost() with it for
   * each attempt, after apply(), because the server may be another one each time.
   */
  readonly hostOfServer: boolean;
  /** It does the same to the same head, whatever else is going on and whichever server gets it. */
  readonly fixed: boolean;
  readonly #steps: readonly RequestStep[];

  constructor(rewrites: readonly RequestRewrite[]) {
    this.#steps = rewrites.map((rewrite) => new RequestStep(rewrite));
    this.hostOfServer = rewrites.findLast((each) => saysHost(each))?.host === "server";
    this.fixed = !this.hostOfServer && this.#steps.every((each) => each.fixed);
  }

  apply(head: RequestHead, context: RewriteContext): void {
    for (let i = 0; i < this.#steps.length; i++) {
      (this.#steps[i] as RequestStep).apply(head, context);
    }
  }
}

/** Gives the request another Host field, in its old place. The bytes must be valid there. */
export function setHost(head: RequestHead, bytes: Uint8Array, start: number, end: number): void {
  const i = head.find(known.host);
  if (i < 0) head.add(known.host, bytes, start, end);
  else head.replaceValue(i, bytes, start, end);
}

/** `rewrites`: of the frontend, the route and the backend. Null: none of them changes anything. */
export function compileRequestRewriter(
  rewrites: readonly RequestRewrite[],
): RequestRewriter | null {
  const useful = rewrites.filter(
    ({ headers, path, host: to }) =>
      headers.set.length + headers.add.length + headers.remove.length + path.length > 0 ||
      to !== null,
  );
  return useful.length === 0 ? null : new RequestRewriter(useful);
}

function saysHost({ host: to, headers }: RequestRewrite): boolean {
  return to !== null || headers.set.some(({ name }) => name.toLowerCase() === "host");
}
