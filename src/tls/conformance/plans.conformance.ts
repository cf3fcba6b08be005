// Plans and material of TLS for tests, complete but for what a test is about.
import { readFileSync } from "node:fs";
import type { BindMaterial, ServerMaterial } from "../../config/tls-material.ts";
import type {
  BindTlsPlan,
  CertificateMaterial,
  ServerTlsPlan,
  TlsProtocol,
} from "../../config/tls-plan.ts";

export const anyProtocol: TlsProtocol = {
  minVersion: "TLSv1.2",
  maxVersion: "TLSv1.3",
  ciphers: "",
  ciphersuites: "",
  curves: "",
};

export const plainBindTls: BindTlsPlan = {
  protocol: anyProtocol,
  ownCipherOrder: false,
  certificates: [],
  strictSni: false,
  alpn: [],
  sessionTickets: true,
  ticketRotationMs: 3_600_000,
  sessionCache: 0,
  sessionTimeoutMs: 300_000,
  clientAuth: null,
};

export const plainServerTls: ServerTlsPlan = {
  protocol: anyProtocol,
  verify: true,
  ca: null,
  serverName: "",
  cert: null,
  key: null,
  passphrase: "",
  alpn: [],
};

/** What the files of a certificate hold, as the control plane would have read them. */
export function materialOf(
  files: { readonly cert: string; readonly key: string },
  names: readonly string[],
  keyType: CertificateMaterial["keyType"] = "ecdsa",
): CertificateMaterial {
  return {
    file: files.cert,
    cert: readFileSync(files.cert),
    key: readFileSync(files.key),
    passphrase: "",
    ocsp: null,
    ocspSource: null,
    names,
    keyType,
    notAfterMs: Infinity,
  };
}

export function bindMaterial(...certificates: CertificateMaterial[]): BindMaterial {
  return { certificates, clientCa: null, crl: null };
}

export function serverMaterial(ca: string | null): ServerMaterial {
  return { ca: ca === null ? null : readFileSync(ca), cert: null, key: null, passphrase: "" };
}
