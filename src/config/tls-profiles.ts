// Mozilla's Server Side TLS, version 5.7 (https://ssl-config.mozilla.org/guidelines/5.7.json): what each
// profile allows. Binds begin with one of them; plain data and no library but the types.
import type { TlsProfile } from "./tls-config.ts";
import type { TlsProtocol } from "./tls-plan.ts";

const suites = "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256";
const curves = "X25519:P-256:P-384";

const forwardSecret = [
  "ECDHE-ECDSA-AES128-GCM-SHA256",
  "ECDHE-RSA-AES128-GCM-SHA256",
  "ECDHE-ECDSA-AES256-GCM-SHA384",
  "ECDHE-RSA-AES256-GCM-SHA384",
  "ECDHE-ECDSA-CHACHA20-POLY1305",
  "ECDHE-RSA-CHACHA20-POLY1305",
  "DHE-RSA-AES128-GCM-SHA256",
  "DHE-RSA-AES256-GCM-SHA384",
  "DHE-RSA-CHACHA20-POLY1305",
];

const outdated = [
  "ECDHE-ECDSA-AES128-SHA256",
  "ECDHE-RSA-AES128-SHA256",
  "ECDHE-ECDSA-AES128-SHA",
  "ECDHE-RSA-AES128-SHA",
  "ECDHE-ECDSA-AES256-SHA384",
  "ECDHE-RSA-AES256-SHA384",
  "ECDHE-ECDSA-AES256-SHA",
  "ECDHE-RSA-AES256-SHA",
  "DHE-RSA-AES128-SHA256",
  "DHE-RSA-AES256-SHA256",
  "AES128-GCM-SHA256",
  "AES256-GCM-SHA384",
  "AES128-SHA256",
  "AES256-SHA256",
  "AES128-SHA",
  "AES256-SHA",
  "DES-CBC3-SHA",
];

/** Without it OpenSSL 3 refuses what TLS 1.0 and 1.1 sign with, which is SHA-1. */
export const outdatedLevel = "@SECLEVEL=0";

export const tlsProfiles: Readonly<Record<TlsProfile, TlsProtocol>> = {
  modern: {
    minVersion: "TLSv1.3",
    maxVersion: "TLSv1.3",
    // Mozilla names none: they are for who writes a lower minVersion.
    ciphers: forwardSecret.join(":"),
    ciphersuites: suites,
    curves,
  },
  intermediate: {
    minVersion: "TLSv1.2",
    maxVersion: "TLSv1.3",
    ciphers: forwardSecret.join(":"),
    ciphersuites: suites,
    curves,
  },
  old: {
    minVersion: "TLSv1",
    maxVersion: "TLSv1.3",
    ciphers: [...forwardSecret, ...outdated, outdatedLevel].join(":"),
    ciphersuites: suites,
    curves,
  },
};
