// What rewrites and templates may know of the exchange that they are applied in. The exchange is one
// itself: plain fields that it has anyway, so nothing is made for a template that does not ask.
import type { SocketAddress } from "../../../config/address.ts";
import type { RequestHead } from "../../../http/request-head.ts";
import type { TlsFacts } from "../../tls/tls-facts.ts";
import type { RequestId } from "./request-ids.ts";

export interface RewriteContext {
  /**
   * The request. Method, host, path and query count as the client sent them, whatever was rewritten
   * since; `{header:..}` and `{cookie:..}` see the fields as earlier rewrites have left them. For a
   * response the exchange has it parsed again from its raw bytes, if the rewrite needs it.
   */
  readonly request: RequestHead;
  /** Who is at the other end of the client's connection, or who a PROXY protocol header says. */
  readonly peer: SocketAddress;
  /** The same, or who a trusted proxy says the client is. */
  readonly client: SocketAddress;
  /** That address is a trusted proxy's: see TrustedProxies. */
  readonly peerTrusted: boolean;
  /** Where the client connected to; 0: a unix socket. */
  readonly bindPort: number;
  /** Of the client's connection; null: it speaks no TLS with us. */
  readonly tls: TlsFacts | null;
  /** The client speaks TLS: with us, or with a trusted proxy that says so. */
  readonly secure: boolean;
  readonly requestId: RequestId;
  readonly frontendName: string;
  /** Empty: none yet. */
  readonly backendName: string;
  /** Empty: none yet. */
  readonly serverName: string;
  /** Of the response; 0: there is none yet. */
  readonly status: number;
}
