import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { requestHead } from "../../../../test/support/heads.ts";
import { rewriteContext, template } from "../../../../test/support/rewriting.ts";
import type { SocketAddress } from "../../../config/address.ts";
import { ByteBuilder } from "../../../http/byte-builder.ts";
import type { RewriteContext } from "./rewrite-context.ts";
import { ValueTemplate } from "./value-template.ts";

type Form = "writeField" | "writeUri" | "writeHost";

function write(form: Form, source: string, context: RewriteContext): string {
  const out = new ByteBuilder();
  new ValueTemplate(template(source))[form](out, context);
  return Buffer.from(out.bytes.subarray(0, out.length)).toString("latin1");
}

const context = rewriteContext({
  request: requestHead("POST /a%20b/c?x=1&y=&x=2", [
    ["Host", "Shop.example:8443"],
    ["X-User", "ann"],
    ["x-user", "bob"],
    ["Cookie", "a=1; sid=abc"],
  ]),
  status: 503,
});

describe("a template as a field's value", () => {
  it.each([
    ["{client.ip}", "192.0.2.7"],
    ["{client.port}", "4711"],
    ["{client.address}", "192.0.2.7:4711"],
    ["{bind.port}", "8080"],
    ["{method} {scheme}", "POST http"],
    ["{host}", "Shop.example"],
    ["{port}", "8443"],
    ["{path}", "/a%20b/c"],
    ["{query}", "x=1&y=&x=2"],
    ["{uri}", "/a%20b/c?x=1&y=&x=2"],
    ["{request.id}", "id-1"],
    ["{frontend}/{backend}/{server}", "edge/web/web1"],
    ["{status}", "503"],
    ["{header:X-USER}", "ann, bob"],
    ["{query:x}-{query:y}-{query:z}", "1--"],
    ["{cookie:sid}{cookie:SID}", "abc"],
    ["  for={client.ip}; {header:none} ", "for=192.0.2.7;"],
    ["grüß", Buffer.from("grüß").toString("latin1")],
  ])("%s is %j", (source, value) => {
    expect(write("writeField", source, context)).toBe(value);
  });

  it("has nothing for what is missing: a unix client's address, no query, no server yet", () => {
    const unix: SocketAddress = { family: "unix", path: "/run/x" };
    const none = rewriteContext({
      request: requestHead("GET /"),
      peer: unix,
      client: unix,
      bindPort: 0,
      serverName: "",
    });
    const all = "{client.ip}{client.port}{bind.port}{query}{host}{server}{status}{cookie:a}";
    expect(write("writeField", all, none)).toBe("");
    expect(write("writeField", "{client.address} {port}", none)).toBe("unix 80");
    expect(write("writeField", "{port}", rewriteContext({ secure: true }))).toBe("443");
  });

  it("cannot be made two fields, whatever a variable holds", () => {
    const any = fc.string({
      unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)),
      maxLength: 24,
    });
    const sources = ["{header:x}", "a{query:x}b", "{uri}", "{cookie:x}", "{host}", "{request.id}"];
    fc.assert(
      fc.property(any, fc.constantFrom(...sources), (value, source) => {
        // More than any codec lets through: line ends and NUL right in the head.
        const request = requestHead(`GET /${value}?x=${value}`, [
          ["Host", value],
          ["X", value],
          ["Cookie", `x=${value}`],
        ]);
        const id = rewriteContext().requestId;
        id.set(Buffer.from(value, "latin1"), 0, value.length);
        const made = write("writeField", source, rewriteContext({ request, requestId: id }));
        // oxlint-disable-next-line no-control-regex
        expect(made).not.toMatch(/[\u0000-\u0008\u000a-\u001f\u007f]/);
        expect(made).toBe(made.replaceAll(/^[ \t]+|[ \t]+$/g, ""));
      }),
      { seed: 4, numRuns: 300 },
    );
  });
});

describe("a template as a URI", () => {
  it("keeps what comes of the target as it was sent, and encodes all else as one component", () => {
    expect(write("writeUri", "https://{host}{uri}", context)).toBe(
      "https://Shop.example/a%20b/c?x=1&y=&x=2",
    );
    const request = requestHead("GET /a?b=c%26d", [["X", "a/b?c&d#e%f g"]]);
    const to = rewriteContext({ request });
    expect(write("writeUri", "/x/{header:x}?y={header:x}", to)).toBe(
      "/x/a%2Fb%3Fc%26d%23e%25f%20g?y=a%2Fb%3Fc%26d%23e%25f%20g",
    );
    expect(write("writeUri", "/x?y={query:b}", to)).toBe("/x?y=c%26d");
  });

  it("has no question mark for a query that is not there", () => {
    const to = rewriteContext({ request: requestHead("GET /a") });
    expect(write("writeUri", "/x?{query}", to)).toBe("/x");
    expect(write("writeUri", "/x?{query}", context)).toBe("/x?x=1&y=&x=2");
  });

  it("does not lead to a host that the client has put into its path", () => {
    for (const target of ["//evil.example", "///evil.example", "/\\evil.example", "/\t/evil"]) {
      const to = rewriteContext({ request: requestHead(`GET ${target}`) });
      const made = ["{path}", "{uri}", "/{path}"].map((source) => write("writeUri", source, to));
      expect(made.filter((each) => /^\/[/\\\s]/.test(each))).toEqual([]);
    }
    expect(write("writeUri", "//other.example{path}", context)).toBe("//other.example/a%20b/c");
  });

  it("is made of a URI's characters alone, and ends no line", () => {
    const any = fc.string({
      unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)),
      maxLength: 24,
    });
    fc.assert(
      fc.property(any, (value) => {
        const request = requestHead(`GET /${value.replaceAll("?", "")}`, [["X", value]]);
        const made = write("writeUri", "/a/{header:x}{path}", rewriteContext({ request }));
        expect(made).toMatch(/^\/a\/[A-Za-z0-9\-._~:/[\]@!$&'()*+,;=%]*$/);
      }),
      { seed: 4, numRuns: 200 },
    );
  });
});

describe("a template as a host", () => {
  it("drops what stands in no host", () => {
    const request = requestHead("GET /", [
      ["Host", "a.example"],
      ["X-Host", "b.example/evil\\ @x#"],
    ]);
    expect(write("writeHost", "{header:x-host}", rewriteContext({ request }))).toBe(
      "b.exampleevilx",
    );
    expect(write("writeHost", "{host}.internal:80", rewriteContext({ request }))).toBe(
      "a.example.internal:80",
    );
  });
});
