// What log lines say of TLS with the client, in every format of both modes.
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { overTls } from "../../../test/support/rewriting.ts";
import type { TlsFacts } from "../tls/tls-facts.ts";
import { HttpRecord } from "./http-record.ts";
import { formatJson } from "./json.ts";
import { SessionRecord } from "./record.ts";
import { accessFormats, httpFormats } from "./registry.ts";

/** A line of each mode, of a session that came to nothing. */
function lines(format: keyof typeof accessFormats, tls: TlsFacts | null): readonly string[] {
  const names = { frontend: "edge", tls };
  return [
    accessFormats[format](Object.assign(new SessionRecord(), names)),
    httpFormats[format](Object.assign(new HttpRecord(), names)),
  ];
}

describe("json", () => {
  it("has an object of its own behind the bind", () => {
    for (const line of lines("json", overTls)) {
      expect(line).toContain(
        '"bind":"unix:","tls":{"version":"TLSv1.3","cipher":"TLS_AES_256_GCM_SHA384",' +
          '"sni":"shop.example","alpn":"http/1.1","resumed":false,' +
          '"clientSubject":"CN=Ann\\\\, B,O=A/B?c"},"serverAddress":',
      );
    }
  });

  it("has nothing of a client that speaks none, or that has said nothing before it failed", () => {
    const failed = { sni: "", offered: ["h2"], alpn: "", agreed: null };
    for (const line of [...lines("json", null), ...lines("json", failed)]) {
      expect(line).not.toContain("tls");
    }
  });

  it("leaves out what is empty", () => {
    const agreed = { version: "TLSv1.2", cipher: "C", resumed: true, subject: "" };
    const [line = ""] = lines("json", { sni: "", offered: [], alpn: "", agreed });
    expect(line).toContain('"tls":{"version":"TLSv1.2","cipher":"C","resumed":true},');
    const [failed = ""] = lines("json", { sni: "a", offered: [], alpn: "", agreed: null });
    expect(failed).toContain('"tls":{"sni":"a"},');
  });

  it("is one line that reads back, whatever a certificate names", () => {
    const any = fc.string({ unit: "binary", minLength: 1 });
    fc.assert(
      fc.property(any, any, any, (sni, alpn, subject) => {
        const agreed = { version: "TLSv1.3", cipher: "C", resumed: false, subject };
        const record = Object.assign(new SessionRecord(), {
          tls: { sni, offered: [], alpn, agreed },
        });
        const line = formatJson(record);
        expect(line.indexOf("\n")).toBe(line.length - 1);
        const { tls } = JSON.parse(line) as { readonly tls: unknown };
        expect(tls).toEqual({
          version: "TLSv1.3",
          cipher: "C",
          sni,
          alpn,
          resumed: false,
          clientSubject: subject,
        });
      }),
      { numRuns: 100 },
    );
  });
});

// As HAProxy 2.6 wrote it of a bind with `ssl`; the backend's place names the frontend without it.
it.each([
  ["haproxy", "] edge~ edge/<NOSRV> ", "] edge edge/<NOSRV> "],
  ["clf", ' "edge~" "edge" "<NOSRV>" ', ' "edge" "edge" "<NOSRV>" '],
] as const)("%s has a tilde behind the frontend's name", (format, secured, plain) => {
  for (const line of lines(format, overTls)) expect(line).toContain(secured);
  for (const line of lines(format, null)) expect(line).toContain(plain);
});
