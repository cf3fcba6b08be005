// Templates of the plan made ready: texts as bytes, variables with their names looked up. Evaluated
// into a builder, as a field's value, as a URI or as a host; whatever a client sends, what comes out
// is valid there. Missing values are nothing.
import type { Template, Variable } from "../../../config/rewrite-plan.ts";
import { ByteBuilder } from "../../../http/byte-builder.ts";
import type { RewriteContext } from "./rewrite-context.ts";
import { encodeUriBytes, keepFieldBytes, keepHostBytes, UriPart } from "./safe-bytes.ts";
import { VariableValue } from "./variable-values.ts";

const slash = 0x2f;
const question = 0x3f;
const space = 0x20;
const tab = 0x09;

/** Variables that are read from the request's head. */
const ofRequest: ReadonlySet<Variable> = new Set<Variable>([
  "method",
  "host",
  "port",
  "path",
  "query",
  "uri",
  "header",
  "query-parameter",
  "cookie",
]);

type Piece = Uint8Array | VariableValue;

export class ValueTemplate {
  readonly #pieces: readonly Piece[];
  /** The value of a template without variables, valid in a field; null: it has some. */
  readonly fixed: Uint8Array | null;
  /** It says itself what the query of a target is. */
  readonly hasQuery: boolean;
  /** It looks at the request's head, which must be there when it is evaluated. */
  readonly needsRequest: boolean;
  /** Its text begins with two slashes: another host is what was meant. */
  readonly #namesHost: boolean;

  constructor(template: Template) {
    this.#pieces = template.map((part) =>
      part.kind === "text"
        ? Buffer.from(part.text, "utf8")
        : new VariableValue(part.variable, part.argument),
    );
    const [first] = template;
    this.#namesHost = first?.kind === "text" && first.text.startsWith("//");
    this.hasQuery = template.some((part) =>
      part.kind === "text" ? part.text.includes("?") : part.variable === "uri",
    );
    this.needsRequest = template.some(
      (part) => part.kind === "variable" && ofRequest.has(part.variable),
    );
    this.fixed = null;
    if (template.every(({ kind }) => kind === "text")) this.fixed = fixedValue(this.#pieces);
  }

  /** Replaces what is in `out` by a field's value, without white space around it. */
  writeField(out: ByteBuilder, context: RewriteContext): void {
    out.clear();
    for (let i = 0; i < this.#pieces.length; i++) {
      const piece = this.#pieces[i] as Piece;
      if (piece instanceof VariableValue) piece.append(out, context);
      else out.all(piece);
    }
    keepFieldBytes(out, 0);
    trim(out);
  }

  /** Replaces what is in `out` by a host, perhaps with port; empty: nothing valid is left. */
  writeHost(out: ByteBuilder, context: RewriteContext): void {
    this.writeField(out, context);
    keepHostBytes(out, 0);
  }

  /**
   * Replaces what is in `out` by a URI or a part of one. Variables that come from the target keep
   * their encoding, all others become one component: no `/`, `?`, `&` or `#` in a header's value can
   * make it two. A question mark with nothing behind it is left away, so that `/x?{query}` fits
   * requests without query too. Only a template that begins with `//` makes what begins so, because
   * that names another host: a client that asks for `//example.org` is not to be sent there.
   */
  writeUri(out: ByteBuilder, context: RewriteContext): void {
    out.clear();
    for (let i = 0; i < this.#pieces.length; i++) {
      const piece = this.#pieces[i] as Piece;
      const start = out.length;
      if (piece instanceof VariableValue) {
        piece.append(out, context);
        encodeUriBytes(out, start, piece.uriPart);
      } else {
        out.all(piece);
        encodeUriBytes(out, start, UriPart.text);
      }
    }
    if (out.length > 0 && out.bytes[out.length - 1] === question) out.length--;
    if (!this.#namesHost) joinSlashes(out);
  }
}

/** `//example.org` becomes `/example.org`. */
function joinSlashes(out: ByteBuilder): void {
  let more = 0;
  while (more + 1 < out.length && out.bytes[more] === slash && out.bytes[more + 1] === slash) {
    more++;
  }
  if (more === 0) return;
  out.bytes.copyWithin(0, more, out.length);
  out.length -= more;
}

function trim(out: ByteBuilder): void {
  const { bytes } = out;
  while (out.length > 0 && isSpace(bytes[out.length - 1] as number)) out.length--;
  let start = 0;
  while (start < out.length && isSpace(bytes[start] as number)) start++;
  if (start === 0) return;
  bytes.copyWithin(0, start, out.length);
  out.length -= start;
}

function isSpace(byte: number): boolean {
  return byte === space || byte === tab;
}

function fixedValue(pieces: readonly Piece[]): Uint8Array {
  const out = new ByteBuilder();
  for (const piece of pieces) if (piece instanceof Uint8Array) out.all(piece);
  keepFieldBytes(out, 0);
  trim(out);
  return out.bytes.slice(0, out.length);
}
