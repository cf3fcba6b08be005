// How a probe speaks TLS with one server: whom it greets, and whose certificate it accepts. The same
// rules as for sessions, since OpenSSL compares the names here and there. connection.ts calls it.
import type { X509Certificate } from "node:crypto";
import { isIP, type Socket } from "node:net";
import { connect, type SecureContext, type TLSSocket } from "node:tls";
import type { CheckPlan } from "../../config/check-plan.ts";
import type { ServerTlsPlan } from "../../config/tls-plan.ts";
import type { ProbeTarget } from "./probe.ts";

export interface TlsClient {
  readonly context: SecureContext;
  readonly verify: boolean;
  /** The name or IP address that the certificate must be for; empty: there is none. */
  readonly name: string;
  readonly alpn: readonly string[];
}

export function tlsClient(
  { address }: ProbeTarget,
  { probe }: CheckPlan,
  { verify, serverName, alpn }: ServerTlsPlan,
  context: SecureContext,
): TlsClient {
  const host = address.family === "unix" ? "" : address.host;
  // An http check speaks HTTP/1 and nothing else, whatever sessions may agree on.
  const offered = probe.kind === "http" ? alpn.filter((name) => name.startsWith("http/1.")) : alpn;
  return { context, verify, name: serverName || host, alpn: offered };
}

/** Begins the handshake over a connection that stands. */
export function speakTls(socket: Socket, { context, verify, name, alpn }: TlsClient): TLSSocket {
  const secured: TLSSocket = connect({
    socket,
    secureContext: context,
    rejectUnauthorized: verify,
    // Not from what Node gives: to parse that again is a tenth of what a check costs.
    checkServerIdentity: () => mismatch(secured.getPeerX509Certificate(), name),
    // RFC 6066 section 3: SNI has names only.
    ...(name !== "" && isIP(name) === 0 && { servername: name }),
    ...(alpn.length > 0 && { ALPNProtocols: [...alpn] }),
  });
  return secured;
}

function mismatch(certificate: X509Certificate | undefined, name: string): Error | undefined {
  if (name === "") return new Error("there is no name that the certificate could be for");
  const found = isIP(name) === 0 ? certificate?.checkHost(name) : certificate?.checkIP(name);
  return found === undefined ? new Error(`the certificate is not for ${name}`) : undefined;
}

/**
 * In TLS 1.3 a client has done its part before the server looks at its certificate. OpenSSL tells of
 * the server's wish by the signatures that both know (SSL_get_shared_sigalgs).
 */
export function mayBeRefused(secured: TLSSocket): boolean {
  return secured.getProtocol() === "TLSv1.3" && secured.getSharedSigalgs().length > 0;
}
