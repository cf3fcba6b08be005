// The files that TLS settings name: which, where they are, and where that is written.
import { expect, test } from "vitest";
import { readDocument } from "./document.ts";
import { PageFiles } from "./page-files.ts";
import { formatPath } from "./problem.ts";
import { tlsFilesOf } from "./tls-files.ts";

function filesOf(text: string): string[] {
  const { root, lines } = readDocument(text, {});
  if (!root) throw new Error("no tree");
  return tlsFilesOf(root, new PageFiles("/etc/ballast.yaml")).map((file) => {
    const { line, col } = lines.linePos(file.offset);
    const what = "file" in file ? file.file : JSON.stringify(file.source);
    return `${line}:${col} ${formatPath(file.path)} ${file.use} ${what}`;
  });
}

function pair(cert: string, key: string, passphrase = "", ocsp: string | null = null): string {
  return JSON.stringify({ kind: "files", cert, key, passphrase, ocsp });
}

test("all of them, with absolute paths", () => {
  const text = `frontends:
  edge: { bind: { address: ":1", tls: { certificates: [a.pem, { cert: /b.pem, key: b.key, ocsp: fetch }],
    clientAuth: { ca: ca.pem, crl: crl.pem } } } }
  other: { bind: [":2", { address: ":3", tls: { certificates: { folder: certs } } }] }
backends:
  web:
    tls: { ca: ca.pem }
    check: { tls: { cert: c.pem, passphrase: s } }
    servers:
      a: { address: ":4", tls: { cert: d.pem, key: d.key }, check: { tls: { ca: e.pem } } }
`;
  expect(filesOf(text)).toEqual([
    `2:56 frontends.edge.bind.tls.certificates[0] certificate ${pair("/etc/a.pem", "/etc/a.pem")}`,
    `2:63 frontends.edge.bind.tls.certificates[1] certificate ${pair("/b.pem", "/etc/b.key", "", "fetch")}`,
    "3:23 frontends.edge.bind.tls.clientAuth.ca ca /etc/ca.pem",
    "3:36 frontends.edge.bind.tls.clientAuth.crl crl /etc/crl.pem",
    '4:63 frontends.other.bind[1].tls.certificates certificate {"kind":"folder","folder":"/etc/certs","ocsp":null}',
    "7:16 backends.web.tls.ca ca /etc/ca.pem",
    `8:27 backends.web.check.tls.cert clientCertificate ${pair("/etc/c.pem", "/etc/c.pem", "s")}`,
    `10:40 backends.web.servers.a.tls.cert clientCertificate ${pair("/etc/d.pem", "/etc/d.key")}`,
    "10:81 backends.web.servers.a.check.tls.ca ca /etc/e.pem",
  ]);
});

test("what cannot be understood is left out", () => {
  const text = `frontends:
  a: { bind: { tls: { certificates: [5, "", {}, { key: a }, { cert: 5 }, { cert: "" }, []], clientAuth: 5 } } }
  b: { bind: { tls: 5 } }
  c: 5
backends: { web: { tls: { ca: [a], cert: 5 }, servers: 5 } }
`;
  expect(filesOf(text)).toEqual([]);
});
