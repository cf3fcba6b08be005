// What a client has said in TLS and what was agreed on with it, for those who only ask: routes, rewrites,
// the log. A session's TlsConnection is one of these. All of it stays true when the connection has
// gone, and is in the client's hands but for `alpn`, `version`, `cipher` and `resumed`.

export interface TlsFacts {
  /** The server that the client named, in lower case; empty: none. */
  readonly sni: string;
  /** Protocols that the client offered, in its order. */
  readonly offered: readonly string[];
  /** The one agreed on; empty: none. */
  readonly alpn: string;
  /** Null: the handshake was not completed. */
  readonly agreed: AgreedFacts | null;
}

export interface AgreedFacts {
  /** `TLSv1.3`. */
  readonly version: string;
  /** As OpenSSL names it. */
  readonly cipher: string;
  /** A session before it was gone on with. */
  readonly resumed: boolean;
  /** Of the client's certificate, as RFC 2253 writes names; empty: it has shown none. */
  readonly subject: string;
}
