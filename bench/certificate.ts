// The certificate that all proxies of a run end TLS with: P-256, made anew for each run. session.ts makes
// it; nothing verifies it, because what a client checks is not what a proxy pays for.
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Program } from "./programs.ts";

/** Paths of its files, PEM. */
export interface Certificate {
  readonly certificate: string;
  readonly key: string;
  /** Both in one file, as HAProxy wants them. */
  readonly both: string;
}

/** Makes it in `folder`. Throws what OpenSSL said when it cannot. */
export function makeCertificate(openssl: Program, folder: string): Certificate {
  const certificate = join(folder, "certificate.pem");
  const key = join(folder, "key.pem");
  const both = join(folder, "both.pem");
  execFileSync(
    openssl.path,
    [
      ..."req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -batch".split(" "),
      ..."-subj /CN=bench.example.com -addext subjectAltName=DNS:bench.example.com".split(" "),
      "-keyout",
      key,
      "-out",
      certificate,
    ],
    { stdio: ["ignore", "ignore", "pipe"] },
  );
  writeFileSync(both, readFileSync(certificate, "utf8") + readFileSync(key, "utf8"), {
    mode: 0o600,
  });
  return { certificate, key, both };
}
