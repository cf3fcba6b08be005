// Answers that no server is asked for: `redirect`, `respond` and our own errors. What does not vary is
// bytes from the start; only an answer with variables in its fields is put together for each request.
// The exchange calls prepare() and writes `bytes[0..end)` to the client.
import type { RedirectPlan, RespondPlan } from "../../../config/route-plan.ts";
import { reservedHeaders, type Template } from "../../../config/rewrite-plan.ts";
import { ByteBuilder } from "../../../http/byte-builder.ts";
import {
  AnswerConnection,
  type AnswerForm,
  answerForm,
  hasNoContent,
  writeDate,
} from "./answer-bytes.ts";
import type { RewriteContext } from "./rewrite-context.ts";
import { encodeUriBytes, UriPart } from "./safe-bytes.ts";
import { reasonOf } from "./status-reasons.ts";
import { strictTransportName } from "./strict-transport.ts";
import { ValueTemplate } from "./value-template.ts";

const everyConnection = [
  AnswerConnection.keep,
  AnswerConnection.close,
  AnswerConnection.keepAlive,
] as const;
const fieldSign = Buffer.from(": ", "latin1");
const lineEnd = Buffer.from("\r\n", "latin1");
const value = new ByteBuilder();
const lines = new ByteBuilder();

interface AnswerField {
  readonly name: string;
  readonly template: ValueTemplate;
  /** It is a URI. */
  readonly isUri: boolean;
}

export class LocalAnswer {
  readonly status: number;
  /** After prepare(): what to send, up to `end`. Valid until the next prepare(). */
  bytes: Uint8Array;
  end: number;
  /** Of the body, for the log; to HEAD nothing of it is sent. */
  readonly bodyLength: number;
  readonly #body: Uint8Array;
  readonly #fields: readonly AnswerField[];
  readonly #hasDate: boolean;
  /** A whole line, for clients that speak TLS; empty: there is none. */
  readonly #hsts: Uint8Array;
  /** Null: a field has variables. Index: an AnswerConnection; with `hsts` the same again behind them. */
  readonly #forms: readonly AnswerForm[] | null;

  /** `hsts`: see strict-transport.ts. */
  constructor(status: number, given: readonly AnswerField[], body: Uint8Array, hsts: string) {
    const fields =
      hsts === "" ? given : given.filter(({ name }) => name.toLowerCase() !== strictTransportName);
    this.status = status;
    this.bytes = new Uint8Array(0);
    this.end = 0;
    this.bodyLength = hasNoContent(status) ? 0 : body.length;
    this.#body = body;
    this.#fields = fields;
    this.#hasDate = fields.some(({ name }) => name.toLowerCase() === "date");
    const line = hsts === "" ? "" : `${strictTransportName}: ${hsts}\r\n`;
    this.#hsts = Buffer.from(line, "latin1");
    this.#forms = null;
    if (fields.some(({ template }) => template.fixed === null)) return;
    const forms = everyConnection.map((connection) => this.#form(null, connection, false));
    if (hsts !== "") {
      forms.push(...everyConnection.map((connection) => this.#form(null, connection, true)));
    }
    this.#forms = forms;
  }

  /** Makes it ready. `isHead`: the request was HEAD. `nowMs`: since the epoch. */
  prepare(
    connection: AnswerConnection,
    isHead: boolean,
    context: RewriteContext,
    nowMs: number,
  ): void {
    const withHsts = context.secure && this.#hsts.length > 0;
    const form =
      this.#forms === null
        ? this.#form(context, connection, withHsts)
        : (this.#forms[withHsts ? connection + everyConnection.length : connection] as AnswerForm);
    if (form.dateAt >= 0) writeDate(form.bytes, form.dateAt, nowMs);
    this.bytes = form.bytes;
    this.end = isHead ? form.headEnd : form.bytes.length;
  }

  #form(
    context: RewriteContext | null,
    connection: AnswerConnection,
    withHsts: boolean,
  ): AnswerForm {
    const { status } = this;
    lines.clear();
    for (const { name, template, isUri } of this.#fields) {
      value.clear();
      if (template.fixed !== null) {
        value.all(template.fixed);
        if (isUri) encodeUriBytes(value, 0, UriPart.text);
      } else if (context !== null) {
        if (isUri) template.writeUri(value, context);
        else template.writeField(value, context);
      }
      // As with rewrites: variables without any value make no field.
      if (value.length === 0 && template.fixed === null) continue;
      lines.latin1(name);
      lines.all(fieldSign);
      lines.append(value.bytes, 0, value.length);
      lines.all(lineEnd);
    }
    if (withHsts) lines.all(this.#hsts);
    const fields = lines.bytes.subarray(0, lines.length);
    return answerForm(status, reasonOf(status), fields, this.#hasDate, this.#body, connection);
  }
}

/**
 * The Location is what the template says; a client cannot lead it to another host, see
 * ValueTemplate.writeUri(). The body is one line that names the status (RFC 9110 section 15.4 asks
 * for a short note), without the Location, so that nothing must be escaped.
 */
export function redirectAnswer(plan: RedirectPlan, hsts: string): LocalAnswer {
  const location = { name: "location", template: new ValueTemplate(plan.to), isUri: true };
  return new LocalAnswer(plan.status, [location, plainField], noteOf(plan.status), hsts);
}

/** Its own `content-type` wins over `contentType`. Reserved fields are left out. */
export function respondAnswer(plan: RespondPlan, hsts: string): LocalAnswer {
  const fields = plan.headers
    .filter(({ name }) => !reservedHeaders.includes(name.toLowerCase()))
    .map(({ name, value: of }) => ({ name, template: new ValueTemplate(of), isUri: false }));
  const saysType = fields.some(({ name }) => name.toLowerCase() === "content-type");
  if (!saysType && plan.contentType !== "" && plan.body !== "") {
    fields.unshift(fixedField("content-type", plan.contentType));
  }
  return new LocalAnswer(plan.status, fields, Buffer.from(plan.body, "utf8"), hsts);
}

/**
 * An error of ours. No cache answers with it: some of these statuses are cacheable unless something else is
 * said (RFC 9110 section 15.1), and what was wrong may be right in a moment. Without Retry-After:
 * we do not know when.
 */
export function errorAnswer(
  status: number,
  body: string,
  contentType: string,
  hsts: string,
): LocalAnswer {
  const type = contentType === "" ? plainField : fixedField("content-type", contentType);
  return new LocalAnswer(
    status,
    [type, fixedField("cache-control", "no-cache")],
    Buffer.from(body),
    hsts,
  );
}

/** `503 Service Unavailable` and a newline. */
export function noteOf(status: number): Uint8Array {
  return Buffer.from(`${status} ${reasonOf(status)}`.trimEnd() + "\n", "latin1");
}

function fixedField(name: string, text: string): AnswerField {
  const template: Template = [{ kind: "text", text }];
  return { name, template: new ValueTemplate(template), isUri: false };
}

const plainField: AnswerField = fixedField("content-type", "text/plain; charset=utf-8");
