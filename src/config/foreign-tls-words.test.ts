// What somebody writes of TLS who comes from another load balancer: which word is meant here.
import { expect, test } from "vitest";
import { problemsBesideFiles } from "../../test/support/resolved.ts";

function problemsOf(bind: string, server: string): string[] {
  return problemsBesideFiles(`frontends:
  edge: { mode: tcp, backend: web, bind: { address: ":443", ${bind} } }
backends: { web: { servers: { a: { address: ":1", ${server} } } } }
`);
}

const none = "acceptProxy: false";

test.each([
  ["ssl: true", "tls"],
  ["crt: site.pem", "tls"],
  ["ssl_certificate: site.pem", "tls"],
  ["tls_context: {}", "tls"],
  ["tls: { certificates: a, ssl_protocols: TLSv1.2 }", "minVersion"],
  ["tls: { certificates: a, ssl-min-ver: TLSv1.2 }", "minVersion"],
  ["tls: { certificates: a, minTlsVersion: TLSv1.2 }", "minVersion"],
  ["tls: { certificates: a, tls_maximum_protocol_version: TLSv1.2 }", "maxVersion"],
  ["tls: { certificates: a, ssl_ciphers: HIGH }", "ciphers"],
  ["tls: { certificates: a, cipherSuites: HIGH }", "ciphers"],
  ["tls: { certificates: a, ssl_ecdh_curve: X25519 }", "curves"],
  ["tls: { certificates: a, strict-sni: true }", "strictSni"],
  ["tls: { certificates: a, verify: required }", "clientAuth"],
  ["tls: { certificates: a, ssl_verify_client: on }", "clientAuth"],
  ["tls: { certificates: a, ssl_session_timeout: 1h }", "sessionTimeout"],
  ["tls: { certificates: a, clientAuth: { ca-file: a } }", "ca"],
  ["tls: { certificates: a, clientAuth: { ca: a, crl-file: a } }", "crl"],
  ["tls: { certificates: { certFile: a } }", "cert"],
  ["tls: { certificates: { cert: a, keyFile: a } }", "key"],
  ["tls: { certificates: { cert: a, ssl_certificate_key: a } }", "key"],
])("on a bind %s", (bind, meant) => {
  expect(problemsOf(bind, "weight: 1")).toContainEqual(
    expect.stringMatching(new RegExp(`unknown key .*Did you mean "${meant}"\\?$`)),
  );
});

test.each([
  ["ssl: true", "tls"],
  ["sni: a", "tls"],
  ["ca-file: a", "tls"],
  ["transport_socket: {}", "tls"],
  ["check-ssl: true", "check"],
  ["send-proxy-v2-ssl: true", "sendProxy"],
  ["tls: { ca-file: a }", "ca"],
  ["tls: { sni: a }", "serverName"],
  ["tls: { server_name: a }", "serverName"],
  ["tls: { proxy_ssl_name: a }", "serverName"],
  ["tls: { insecureSkipVerify: true }", "verify"],
  ["tls: { trusted_ca: a }", "ca"],
  ["check: { ssl: true }", "tls"],
  ["sendProxy: { proxy-v2-options: ssl }", "tlvs"],
])("on a server %s", (server, meant) => {
  expect(problemsOf(none, server)).toEqual([
    expect.stringMatching(new RegExp(`unknown key .*Did you mean "${meant}"\\?$`)),
  ]);
});

test("a word that belongs elsewhere says where", () => {
  const text = `frontends: { edge: { mode: tcp, backend: web, bind: ":443", ssl: true } }
backends: { web: { servers: { a: ":1" } } }
`;
  expect(problemsBesideFiles(text)).toEqual([
    '1:61: unknown key "ssl" (frontends.edge.ssl). It is called "tls" here and belongs in ' +
      "frontends.NAME.bind or global or backends.NAME.check or backends.NAME.servers.NAME.check.",
  ]);
});
