// What a plan says of TLS: with clients, and with servers. Files are named here, by absolute path; what
// is in them never stands in a plan, because plans are shown. Plain data; imports no library.

/** OpenSSL's names of protocol versions, oldest first. */
export type TlsVersion = "TLSv1" | "TLSv1.1" | "TLSv1.2" | "TLSv1.3";

/** What is allowed in a handshake, with clients or with servers. */
export interface TlsProtocol {
  readonly minVersion: TlsVersion;
  readonly maxVersion: TlsVersion;
  /** Cipher suites up to TLS 1.2, as OpenSSL lists them; empty: OpenSSL's own choice. */
  readonly ciphers: string;
  /** Those of TLS 1.3; empty: OpenSSL's own choice. */
  readonly ciphersuites: string;
  /** Groups for the key exchange, as OpenSSL lists them (`X25519:P-256`); empty: OpenSSL's own choice. */
  readonly curves: string;
}

/** One certificate with its chain and key, or a folder of such. */
export type CertificateSource =
  | {
      readonly kind: "files";
      /** PEM: the certificate, then its chain. */
      readonly cert: string;
      /** PEM. The same file as `cert` when both stand in one. */
      readonly key: string;
      /** Of an encrypted key; empty: it is not encrypted. */
      readonly passphrase: string;
      /** A file with a DER response; `fetch`: asked of the issuer; null: none is stapled. */
      readonly ocsp: string | null;
    }
  | { readonly kind: "folder"; readonly folder: string; readonly ocsp: "fetch" | null };

/** Certificates of clients. */
export interface ClientAuthPlan {
  /** PEM: who may have signed them. */
  readonly ca: string;
  /** Without one there is no session; false: a client may do without, but not with a bad one. */
  readonly required: boolean;
  /** PEM: revoked certificates, for the whole chain; null: none. */
  readonly crl: string | null;
}

/** TLS on a bind. */
export interface BindTlsPlan {
  readonly protocol: TlsProtocol;
  /** Up to TLS 1.2 our order of ciphers counts, not the client's: where weak ones are taken at all. */
  readonly ownCipherOrder: boolean;
  /** The first one is for clients that name no server, or one that nobody knows. */
  readonly certificates: readonly CertificateSource[];
  /** Who names a server that no certificate is for is refused. */
  readonly strictSni: boolean;
  /** Server's order of preference; empty: ALPN is not answered. */
  readonly alpn: readonly string[];
  readonly sessionTickets: boolean;
  /** A new ticket key so often; older ones are accepted for as long again. */
  readonly ticketRotationMs: number;
  /** Sessions remembered for those who resume without tickets, over all workers; 0: none. */
  readonly sessionCache: number;
  /** How long a session may be resumed. */
  readonly sessionTimeoutMs: number;
  /** Null: clients are not asked for certificates. */
  readonly clientAuth: ClientAuthPlan | null;
}

/** TLS with a server. */
export interface ServerTlsPlan {
  readonly protocol: TlsProtocol;
  readonly verify: boolean;
  /** PEM: who may have signed the server's certificate; null: the system's roots. */
  readonly ca: string | null;
  /**
   * The name in SNI, and the one that its certificate must be for. Empty: the server's address, of
   * which only a name is sent in SNI.
   */
  readonly serverName: string;
  /** Our own certificate and key, when the server asks; null: none. */
  readonly cert: string | null;
  readonly key: string | null;
  readonly passphrase: string;
  readonly alpn: readonly string[];
}

/** An absolute path, or the URL of the issuer's responder. */
export type OcspSource =
  | { readonly kind: "file"; readonly file: string }
  | { readonly kind: "responder"; readonly url: string };

/** A certificate that has been read: what workers make of it, and what it is known by. */
export interface CertificateMaterial {
  /** The file, for messages. */
  readonly file: string;
  /** PEM: certificate and chain. */
  readonly cert: Uint8Array;
  /** PEM. */
  readonly key: Uint8Array;
  readonly passphrase: string;
  /** DER; null: nothing is stapled. */
  readonly ocsp: Uint8Array | null;
  /** Where what is stapled comes from; null: nothing is to be. */
  readonly ocspSource: OcspSource | null;
  /** DNS names and IP addresses it is for, in lower case; `*.example.com` is a wildcard. */
  readonly names: readonly string[];
  /** Of its key: what a client must be able to verify. */
  readonly keyType: "rsa" | "ecdsa" | "ed25519" | "other";
  readonly notAfterMs: number;
}
