// What a configuration file says of TLS, after the schema has read it: the operator's own words, nothing
// inherited or defaulted yet. The schema files of TLS make it, resolve-*-tls.ts turn it into a plan.
import type { TlsProtocol, TlsVersion } from "./tls-plan.ts";

export type TlsProfile = "modern" | "intermediate" | "old";

/** What may be said of the protocol itself, to clients and to servers. */
export interface TlsProtocolConfig {
  readonly minVersion?: TlsVersion | undefined;
  readonly maxVersion?: TlsVersion | undefined;
  readonly ciphers?: TlsProtocol["ciphers"] | undefined;
  readonly ciphersuites?: TlsProtocol["ciphersuites"] | undefined;
  readonly curves?: TlsProtocol["curves"] | undefined;
}

/** One of `cert` and `folder`: semantics has seen to it. */
export interface CertificateKeys {
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  readonly passphrase?: string | undefined;
  readonly folder?: string | undefined;
  readonly ocsp?: string | undefined;
}

/** Keys, or the path of a file or folder. */
export type CertificateConfig = string | CertificateKeys;

export interface ClientAuthConfig {
  readonly ca: string;
  readonly require?: boolean | undefined;
  readonly optional?: boolean | undefined;
  readonly crl?: string | undefined;
}

export interface BindTlsConfig extends TlsProtocolConfig {
  readonly certificates: readonly CertificateConfig[];
  readonly profile?: TlsProfile | undefined;
  readonly strictSni?: boolean | undefined;
  readonly alpn?: readonly string[] | undefined;
  readonly sessionTickets?: boolean | undefined;
  readonly ticketRotation?: number | undefined;
  readonly sessionCache?: number | undefined;
  readonly sessionTimeout?: number | undefined;
  readonly clientAuth?: ClientAuthConfig | undefined;
}

/** Of a backend, a server, or a check of either. */
export interface ServerTlsConfig extends TlsProtocolConfig {
  readonly verify?: boolean | undefined;
  readonly ca?: string | undefined;
  readonly serverName?: string | undefined;
  /** `key` and `passphrase` stand beside it only: semantics has seen to it. */
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  readonly passphrase?: string | undefined;
  readonly alpn?: readonly string[] | undefined;
}

export interface GlobalTlsConfig {
  readonly maxHandshakes?: number | undefined;
}

/** What browsers are told to use TLS for. */
export interface HstsConfig {
  readonly maxAge?: number | undefined;
  readonly includeSubdomains?: boolean | undefined;
  readonly preload?: boolean | undefined;
}
