// An exchange as rewrites see it, and templates written as in a configuration file.
import type { SocketAddress } from "../../src/config/address.ts";
import type { Template, TemplatePart, Variable } from "../../src/config/rewrite-plan.ts";
import { RequestId } from "../../src/proxy/http/rewriting/request-ids.ts";
import type { RewriteContext } from "../../src/proxy/http/rewriting/rewrite-context.ts";
import type { TlsFacts } from "../../src/proxy/tls/tls-facts.ts";
import { requestHead } from "./heads.ts";

export const client: SocketAddress = { family: "ipv4", host: "192.0.2.7", port: 4711 };

/** A client that speaks TLS with us and has resumed nothing. */
export const overTls: TlsFacts = {
  sni: "shop.example",
  offered: ["h2", "http/1.1"],
  alpn: "http/1.1",
  agreed: {
    version: "TLSv1.3",
    cipher: "TLS_AES_256_GCM_SHA384",
    resumed: false,
    subject: "CN=Ann\\, B,O=A/B?c",
  },
};

/** A request of 192.0.2.7 to port 8080; `changes` says what is different. */
export function rewriteContext(changes: Partial<RewriteContext> = {}): RewriteContext {
  const peer = changes.peer ?? client;
  const requestId = new RequestId();
  const id = Buffer.from("id-1", "latin1");
  requestId.set(id, 0, id.length);
  return {
    request: requestHead("GET /a/b?x=1"),
    peer,
    client: peer,
    peerTrusted: false,
    bindPort: 8080,
    tls: null,
    secure: false,
    requestId,
    frontendName: "edge",
    backendName: "web",
    serverName: "web1",
    status: 0,
    ...changes,
  };
}

/** `a{header:x}b` cut into its parts; `query:NAME` is the variable `query-parameter`. */
export function template(source: string): Template {
  return source
    .split(/(\{[^}]+\})/)
    .filter((piece) => piece !== "")
    .map((piece): TemplatePart => {
      if (!piece.startsWith("{")) return { kind: "text", text: piece };
      const [name = "", argument = ""] = piece.slice(1, -1).split(":", 2);
      const variable = name === "query" && argument !== "" ? "query-parameter" : name;
      return { kind: "variable", variable: variable as Variable, argument };
    });
}
