// How a request came to us, as far as routes ask: an exchange is one of these.
import type { TlsFacts } from "../../tls/tls-facts.ts";

export interface Transport {
  /** Of the client's connection; null: it speaks no TLS with us. */
  readonly tls: TlsFacts | null;
  /** The client speaks TLS: with us, or with a trusted proxy that says so. */
  readonly secure: boolean;
}

/** Without TLS anywhere. */
export const clearText: Transport = { tls: null, secure: false };
