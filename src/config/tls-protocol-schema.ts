// The schema of what may be said of the protocol itself, in `tls` of a bind and of a server alike.
// bind-tls-schema.ts and server-tls-schema.ts put it there.
import type { z } from "zod";
import { key } from "./keys.ts";
import type { TlsProtocolConfig } from "./tls-config.ts";
import { ciphers, ciphersuites, curves, tlsVersion } from "./tls-values.ts";

type Keys = {
  readonly [Name in keyof Required<TlsProtocolConfig>]: z.ZodOptional<
    z.ZodType<NonNullable<TlsProtocolConfig[Name]>>
  >;
};

/** `fallback`: what holds of a list without it. */
export function protocolKeys(
  fallback: string,
  versions: { readonly minVersion?: string; readonly maxVersion?: string },
): Keys {
  const without = versions.minVersion === undefined ? ` Default: ${fallback}.` : "";
  return {
    minVersion: key(tlsVersion, `The oldest version spoken.${without}`, versions.minVersion),
    maxVersion: key(tlsVersion, `The newest version spoken.${without}`, versions.maxVersion),
    ciphers: key(
      ciphers,
      `Cipher suites up to TLS 1.2, as OpenSSL lists them. Default: ${fallback}.`,
    ),
    ciphersuites: key(ciphersuites, `Cipher suites of TLS 1.3. Default: ${fallback}.`),
    curves: key(
      curves,
      `Groups of the key exchange, as OpenSSL lists them, the preferred one first. Default: ${fallback}.`,
    ),
  };
}
