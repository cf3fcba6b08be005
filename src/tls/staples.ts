// OCSP responses that are stapled to handshakes (RFC 6066 section 8): what the issuer says of the very
// certificate that OpenSSL has chosen, as it stands in the file beside it.
import { copyMemory, fixedBytes } from "../sys/openssl/bind.ts";
import { contextCertificate } from "../sys/openssl/context.ts";
import { cryptoMalloc } from "../sys/openssl/evp.ts";
import { sslCertificate, sslControl } from "../sys/openssl/session.ts";

const SSL_CTRL_SET_TLSEXT_STATUS_REQ_OCSP_RESP = 71;
const SSL_TLSEXT_ERR_OK = 0;
const SSL_TLSEXT_ERR_NOACK = 3;

/** By OpenSSL's pointer to the certificate. */
const staples = new Map<number, Uint8Array>();

/** From now on `response` goes with the certificate that `context` has been given last. */
export function addStaple(context: number, response: Uint8Array): number {
  const certificate = contextCertificate(context);
  staples.set(certificate, response);
  return certificate;
}

/** The certificate is about to be freed. */
export function removeStaple(certificate: number): void {
  staples.delete(certificate);
}

/** OpenSSL asks: a client wants to see one. */
export function staple(ssl: number): number {
  const response = staples.get(sslCertificate(ssl));
  if (response === undefined) return SSL_TLSEXT_ERR_NOACK;
  const { length } = response;
  const own = cryptoMalloc(length, "", 0);
  if (own === 0) return SSL_TLSEXT_ERR_NOACK;
  write(own, response);
  sslControl(ssl, SSL_CTRL_SET_TLSEXT_STATUS_REQ_OCSP_RESP, length, own);
  return SSL_TLSEXT_ERR_OK;
}

const pieceBytes = 4096;
let piece: { readonly bytes: Buffer; readonly address: number } | null = null;

/** Copies `bytes` to where C owns the memory. */
function write(to: number, bytes: Uint8Array): void {
  piece ??= fixedBytes(pieceBytes);
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    const part = bytes.subarray(at, at + pieceBytes);
    piece.bytes.set(part);
    copyMemory(to + at, piece.address, part.length);
  }
}
