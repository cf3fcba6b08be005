// Variables about the client's TLS, and what a client can do with those that it chooses.
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { requestHead } from "../../../../test/support/heads.ts";
import { overTls, rewriteContext, template } from "../../../../test/support/rewriting.ts";
import { ByteBuilder } from "../../../http/byte-builder.ts";
import type { AgreedFacts, TlsFacts } from "../../tls/tls-facts.ts";
import { ValueTemplate } from "./value-template.ts";

const facts = { ...overTls, agreed: overTls.agreed as AgreedFacts };
const { agreed } = facts;
// oxlint-disable-next-line no-control-regex
const controls = /[\u0000-\u0008\u000a-\u001f\u007f]/;
const all = "{tls.version}{tls.cipher}{tls.sni}{tls.alpn}{tls.resumed}{tls.client.subject}";

function write(form: "writeField" | "writeUri", source: string, tls: TlsFacts | null): string {
  const out = new ByteBuilder();
  const context = rewriteContext({ tls, secure: tls !== null, request: requestHead("GET /") });
  new ValueTemplate(template(source))[form](out, context);
  return Buffer.from(out.bytes.subarray(0, out.length)).toString("utf8");
}

describe("a variable", () => {
  it.each([
    ["{tls.version}", "TLSv1.3"],
    ["{tls.cipher}", "TLS_AES_256_GCM_SHA384"],
    ["{tls.sni}", "shop.example"],
    ["{tls.alpn}", "http/1.1"],
    ["{tls.resumed}", "false"],
    ["{tls.client.subject}", "CN=Ann\\, B,O=A/B?c"],
    ["{scheme}:{port}", "https:443"],
  ])("%s is %j", (source, value) => {
    expect(write("writeField", source, facts)).toBe(value);
  });

  it("says that a session was resumed", () => {
    expect(
      write("writeField", "{tls.resumed}", { ...facts, agreed: { ...agreed, resumed: true } }),
    ).toBe("true");
  });

  it("is nothing where there is no TLS, or where the client says nothing", () => {
    expect(write("writeField", all, null)).toBe("");
    expect(write("writeField", all, { sni: "", offered: [], alpn: "", agreed: null })).toBe("");
    const silent = { ...facts, sni: "", alpn: "", agreed: { ...agreed, subject: "" } };
    expect(write("writeField", "{tls.sni}{tls.alpn}{tls.client.subject}", silent)).toBe("");
  });

  it("asks nothing of the request, which need not be read again for a response", () => {
    expect(new ValueTemplate(template(all)).needsRequest).toBe(false);
  });

  it("is one component of a URI", () => {
    expect(write("writeUri", "/x/{tls.client.subject}?a={tls.alpn}", facts)).toBe(
      "/x/CN%3DAnn%5C%2C%20B%2CO%3DA%2FB%3Fc?a=http%2F1.1",
    );
  });

  it("can neither end a line nor leave its place, whatever a certificate names", () => {
    const any = fc.string({ unit: "binary", maxLength: 40 });
    const source = fc.constantFrom("{tls.sni}", "{tls.alpn}", "{tls.client.subject}");
    fc.assert(
      fc.property(any, source, (text, variable) => {
        const tls = { ...facts, sni: text, alpn: text, agreed: { ...agreed, subject: text } };
        expect(write("writeField", variable, tls)).not.toMatch(controls);
        expect(write("writeUri", `/a/${variable}`, tls)).toMatch(/^\/a\/[A-Za-z0-9\-._~!'()*%]*$/);
      }),
      { seed: 4, numRuns: 200 },
    );
  });
});
