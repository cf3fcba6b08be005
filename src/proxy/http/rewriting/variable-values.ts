// Where the value of each variable of a template comes from: appended raw to a builder, nothing at
// all when it is missing. Values of the request are what the client chose, so value-template.ts goes
// over them afterwards; nothing else calls this.
import type { SocketAddress } from "../../../config/address.ts";
import type { Variable } from "../../../config/rewrite-plan.ts";
import type { ByteBuilder } from "../../../http/byte-builder.ts";
import { findCookie } from "../../../http/cookie-pairs.ts";
import { type FieldName, fieldName } from "../../../http/field-name.ts";
import { findParameter } from "../../../http/query-pairs.ts";
import { Span } from "../../../http/span.ts";
import { appendAddress, appendIp } from "./address-text.ts";
import type { RewriteContext } from "./rewrite-context.ts";
import { UriPart } from "./safe-bytes.ts";

const colon = 0x3a;
const question = 0x3f;
const comma = Buffer.from(", ", "latin1");
const found = new Span();

/** A variable with its argument made ready. */
export class VariableValue {
  readonly variable: Variable;
  readonly #field: FieldName;
  readonly #name: Uint8Array;

  constructor(variable: Variable, argument: string) {
    this.variable = variable;
    this.#field = fieldName(argument);
    this.#name = Buffer.from(argument, "utf8");
  }

  /** In which encoding its bytes are, when they are to stand in a URI. */
  get uriPart(): UriPart {
    switch (this.variable) {
      case "uri":
      case "query":
        return UriPart.encoded;
      case "path":
      case "query-parameter":
        return UriPart.encodedPath;
      case "host":
        return UriPart.host;
      default:
        return UriPart.component;
    }
  }

  append(out: ByteBuilder, context: RewriteContext): void {
    const { request } = context;
    switch (this.variable) {
      case "client.ip":
        return appendIp(out, context.client);
      case "client.port":
        return appendPort(out, portOf(context.client));
      case "client.address":
        return appendAddress(out, context.client);
      case "bind.port":
        return appendPort(out, context.bindPort);
      case "method":
        return out.append(request.bytes, request.methodStart, request.methodEnd);
      case "scheme":
        return out.latin1(context.secure ? "https" : "http");
      case "host":
        return out.append(request.bytes, request.hostStart, request.hostEnd);
      case "port":
        return appendHostPort(out, context);
      case "path":
        return appendPath(out, context);
      case "query":
        return out.append(request.bytes, request.queryStart, request.queryEnd);
      case "uri":
        appendPath(out, context);
        if (request.queryEnd === 0) return;
        out.byte(question);
        return out.append(request.bytes, request.queryStart, request.queryEnd);
      case "request.id":
        return out.append(context.requestId.bytes, 0, context.requestId.length);
      case "frontend":
        return out.text(context.frontendName);
      case "backend":
        return out.text(context.backendName);
      case "server":
        return out.text(context.serverName);
      case "status":
        if (context.status > 0) out.number(context.status);
        return;
      case "tls.version":
        return out.text(context.tls?.agreed?.version ?? "");
      case "tls.cipher":
        return out.text(context.tls?.agreed?.cipher ?? "");
      case "tls.sni":
        return out.text(context.tls?.sni ?? "");
      case "tls.alpn":
        return out.text(context.tls?.alpn ?? "");
      case "tls.resumed":
        return appendResumed(out, context);
      case "tls.client.subject":
        return out.text(context.tls?.agreed?.subject ?? "");
      case "header":
        return this.#appendHeader(out, context);
      case "query-parameter":
        if (findParameter(request.bytes, request.queryStart, request.queryEnd, this.#name, found)) {
          out.append(found.bytes, found.start, found.end);
        }
        return;
      case "cookie":
        if (findCookie(request, this.#name, found)) {
          out.append(found.bytes, found.start, found.end);
        }
    }
  }

  /** Several fields of one name are one list (RFC 9110 section 5.3). */
  #appendHeader(out: ByteBuilder, { request }: RewriteContext): void {
    const name = this.#field;
    let first = true;
    for (let i = request.find(name); i >= 0; i = request.find(name, i + 1)) {
      if (!first) out.all(comma);
      first = false;
      out.append(request.bytesOf(i), request.valueStart(i), request.valueEnd(i));
    }
  }
}

/** What has no TLS has not resumed it, and has not begun it either. */
function appendResumed(out: ByteBuilder, { tls }: RewriteContext): void {
  if (tls === null || tls.agreed === null) return;
  out.latin1(tls.agreed.resumed ? "true" : "false");
}

/** 0 for a unix socket, which has none. */
function portOf(address: SocketAddress): number {
  return address.family === "unix" ? 0 : address.port;
}

/** A unix socket has no port. */
function appendPort(out: ByteBuilder, port: number): void {
  if (port > 0) out.number(port);
}

/** The path of CONNECT is empty, and so is that of an absolute form without one, which means `/`. */
function appendPath(out: ByteBuilder, { request }: RewriteContext): void {
  if (request.pathEnd > request.pathStart) {
    out.append(request.bytes, request.pathStart, request.pathEnd);
  } else {
    out.byte(0x2f);
  }
}

/** The port that the client named, else the one that its scheme means. */
function appendHostPort(out: ByteBuilder, { request, secure }: RewriteContext): void {
  const start = request.hostEnd;
  if (request.bytes[start] === colon && request.authorityEnd > start + 1) {
    out.append(request.bytes, start + 1, request.authorityEnd);
  } else {
    out.number(secure ? 443 : 80);
  }
}
