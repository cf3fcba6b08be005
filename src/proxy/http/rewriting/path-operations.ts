// What `path:` of a request rewrite does, one after the other. Prefixes are compared byte for byte and
// end where a segment ends: `/api` is a prefix of `/api` and `/api/x`, not of `/apiary`. An operation
// that does not fit changes nothing.
import type { PathOperation as PathOperationPlan } from "../../../config/rewrite-plan.ts";
import { ByteBuilder } from "../../../http/byte-builder.ts";
import { text } from "../../../http/head.ts";
import { Pattern } from "../../../config/pattern.ts";
import type { RequestTarget } from "./request-target.ts";
import type { RewriteContext } from "./rewrite-context.ts";
import { encodeUriBytes, UriPart } from "./safe-bytes.ts";
import { ValueTemplate } from "./value-template.ts";

const slash = 0x2f;
const evaluated = new ByteBuilder();

export interface PathOperation {
  /** It does the same to the same target, whatever else is going on. */
  readonly fixed: boolean;
  apply(target: RequestTarget, context: RewriteContext): void;
}

/** Null: it does nothing, its prefix is the root. */
export function compilePathOperation(plan: PathOperationPlan): PathOperation | null {
  switch (plan.kind) {
    case "stripPrefix":
      return isRoot(plan.prefix) ? null : new PrefixReplaced(plan.prefix, "");
    case "addPrefix":
      return isRoot(plan.prefix) ? null : new PrefixReplaced("", plan.prefix);
    case "replacePrefix":
      return new PrefixReplaced(plan.prefix, plan.with);
    case "replace":
      return new MatchesReplaced(plan.pattern, plan.with);
    default:
      return new TargetSet(new ValueTemplate(plan.to));
  }
}

function isRoot(prefix: string): boolean {
  return prefix === "" || prefix === "/";
}

/** `/old/x` becomes `/new/x`. An empty prefix is every path's. */
class PrefixReplaced implements PathOperation {
  readonly fixed = true;
  /** Both without a slash at their end. */
  readonly #prefix: Uint8Array;
  readonly #by: Uint8Array;
  /** For a path that is the prefix alone: as written. */
  readonly #byWhole: Uint8Array;

  constructor(prefix: string, by: string) {
    this.#prefix = pathBytes(prefix, true);
    this.#by = pathBytes(by, true);
    this.#byWhole = pathBytes(by, false);
  }

  apply(target: RequestTarget): void {
    const { path } = target;
    const prefix = this.#prefix;
    const { length } = prefix;
    if (path.length < length || (path.length > length && path.bytes[length] !== slash)) return;
    for (let i = 0; i < length; i++) if (path.bytes[i] !== prefix[i]) return;
    const next = target.spare();
    next.all(path.length === length ? this.#byWhole : this.#by);
    next.append(path.bytes, length, path.length);
    target.swap();
  }
}

/** As it stands in a path: begins with a slash, and ends without one if `trimmed`. */
function pathBytes(prefix: string, trimmed: boolean): Uint8Array {
  const out = new ByteBuilder();
  if (prefix !== "" && !prefix.startsWith("/")) out.byte(slash);
  out.text(prefix);
  encodeUriBytes(out, 0, UriPart.encodedPath);
  if (trimmed) while (out.length > 0 && out.bytes[out.length - 1] === slash) out.length--;
  return out.bytes.slice(0, out.length);
}

/** Each match of an expression in the path. It sees the path without query. */
class MatchesReplaced implements PathOperation {
  readonly fixed = true;
  readonly #pattern: Pattern;
  readonly #by: string;

  constructor(pattern: string, by: string) {
    this.#pattern = new Pattern(pattern);
    // UTF-8 with a character for each byte, as the path is.
    this.#by = Buffer.from(by, "utf8").toString("latin1");
  }

  apply(target: RequestTarget): void {
    const { length, bytes } = target.path;
    // What a prefix has left nothing of is the root.
    const path = length === 0 ? "/" : text(bytes, 0, length);
    const replaced = this.#pattern.replace(path, this.#by);
    if (replaced !== path) target.replacePath(replaced);
  }
}

/** Another path. With a question mark in its text also another query; else the query stays. */
class TargetSet implements PathOperation {
  readonly fixed: boolean;
  readonly #template: ValueTemplate;

  constructor(template: ValueTemplate) {
    this.fixed = template.fixed !== null;
    this.#template = template;
  }

  apply(target: RequestTarget, context: RewriteContext): void {
    this.#template.writeUri(evaluated, context);
    if (this.#template.hasQuery) {
      target.replaceAll(evaluated.bytes, 0, evaluated.length);
      return;
    }
    target.spare().append(evaluated.bytes, 0, evaluated.length);
    target.swap();
  }
}
