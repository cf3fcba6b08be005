// A handshake, on either side: OpenSSL does it, record by record as they come. What is wrong with it
// ends this connection only.
import { takeError } from "../sys/openssl/error.ts";
import {
  SSL_ERROR_WANT_READ,
  sslDoHandshake,
  sslGetError,
  sslGetVerifyResult,
  verifyErrorText,
} from "../sys/openssl/session.ts";
import { agreedOf } from "./agreed.ts";
import { failed } from "./failing.ts";
import type { TlsConnection } from "./tls-connection.ts";
import { TlsPhase } from "./tls-phase.ts";

/** Servers send tickets with their first records, or never (RFC 8446 section 4.6.1). */
const memorableReads = 3;

/** As far as it goes with what has come. True: it is complete, and records may follow. */
export function shakeHands(of: TlsConnection): boolean {
  const { layer } = of;
  layer.calls.shaking = of;
  const result = sslDoHandshake(of.ssl);
  layer.calls.shaking = null;
  if (result === 1) {
    complete(of);
    return true;
  }
  if (sslGetError(of.ssl, result) === SSL_ERROR_WANT_READ) layer.records.send(of.transport);
  else failed(of, reason(of));
  return false;
}

/** OpenSSL's words; of a certificate that was not accepted, why. */
function reason(of: TlsConnection): string {
  const problem = takeError();
  const result = sslGetVerifyResult(of.ssl);
  return result === 0 ? problem : `${problem}: ${verifyErrorText(result)}`;
}

function complete(of: TlsConnection): void {
  const { layer, contexts, client, transport } = of;
  of.phase = TlsPhase.open;
  of.agreed = agreedOf(of.ssl, contexts !== null && contexts.asksCertificate);
  if (client !== null) {
    of.alpn = layer.agreedProtocol(of.ssl);
    of.memorable = memorableReads;
  }
  layer.gate.leave(of);
  layer.records.send(transport);
  const { early } = of;
  of.early = null;
  const { ending } = of;
  of.ending = false;
  if (early !== null) for (const bytes of early) of.write(bytes, 0, bytes.length);
  if (ending) of.end();
  of.handler.onConnect(of);
  if (of.closed) return;
  if (transport.unsent > 0) return;
  if (early === null) of.wakeSource();
  else of.onDrain(transport);
}
