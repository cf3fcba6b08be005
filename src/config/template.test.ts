// Templates as they are written: variables of TLS, and what other load balancers call them.
import { describe, expect, test } from "vitest";
import { foreignVariable, parseTemplate, type TemplatePlace } from "./template.ts";

const places: readonly TemplatePlace[] = ["answer", "request", "response"];
const ofTls = [
  "tls.version",
  "tls.cipher",
  "tls.sni",
  "tls.alpn",
  "tls.resumed",
  "tls.client.subject",
];

test.each(ofTls)("{%s} is known everywhere", (variable) => {
  for (const place of places) {
    expect(parseTemplate(`a{${variable}}`, place)).toEqual({
      ok: true,
      value: [
        { kind: "text", text: "a" },
        { kind: "variable", variable, argument: "" },
      ],
    });
  }
});

describe("what others call them", () => {
  test.each([
    ["$ssl_protocol", "tls.version"],
    ["${ssl_cipher}", "tls.cipher"],
    ["$ssl_server_name", "tls.sni"],
    ["$ssl_client_s_dn", "tls.client.subject"],
    ["%[ssl_fc_sni]", "tls.sni"],
    ["%[ssl_c_s_dn(CN)]", "tls.client.subject"],
    ["%[ssl_fc_is_resumed]", "tls.resumed"],
  ])("%s means {%s}", (word, meant) => {
    expect(foreignVariable(`a ${word} b`)).toEqual({ word, meant });
  });

  test.each([
    ["{ssl_protocol}", '"{tls.version}"'],
    ["{ssl_fc_alpn}", '"{tls.alpn}"'],
    ["{tls_client_subject}", '"{tls.client.subject}"'],
    ["{tls.client.subjekt}", '"{tls.client.subject}"'],
    ["{tls.snj}", '"{tls.sni}"'],
  ])("%s is told: did you mean %s?", (text, meant) => {
    expect(parseTemplate(text, "request")).toMatchObject({
      ok: false,
      hint: expect.stringContaining(`Did you mean ${meant}?`),
    });
  });
});
