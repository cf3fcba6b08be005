// What contexts of both sides have in common: the protocol that is allowed, and how OpenSSL is to behave.
import {
  contextControl,
  contextControlText,
  contextFree,
  contextNew,
  contextSetCipherList,
  contextSetCiphersuites,
  contextSetOptions,
  contextUseCertificate,
  contextUsePrivateKey,
  tlsMethod,
} from "../sys/openssl/context.ts";
import { certificateFree, keyFree } from "../sys/openssl/x509.ts";
import type { TlsProtocol, TlsVersion } from "../config/tls-plan.ts";
import { certificatesOf, keyOf, TlsError } from "./pem.ts";

const SSL_CTRL_MODE = 33;
const SSL_CTRL_CHAIN_CERT = 89;
const SSL_CTRL_SET_GROUPS_LIST = 92;
const SSL_CTRL_SET_MIN_PROTO_VERSION = 123;
const SSL_CTRL_SET_MAX_PROTO_VERSION = 124;

const SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER = 0x2;
/** Idle connections hold no buffers: 32 KiB less for each. */
const SSL_MODE_RELEASE_BUFFERS = 0x10;

const SSL_OP_NO_COMPRESSION = 0x20000;
/** A client that renegotiates makes us work, and nobody needs it (CVE-2009-3555, CVE-2011-1473). */
const SSL_OP_NO_RENEGOTIATION = 0x40000000;

const versions: Readonly<Record<TlsVersion, number>> = {
  TLSv1: 0x0301,
  "TLSv1.1": 0x0302,
  "TLSv1.2": 0x0303,
  "TLSv1.3": 0x0304,
};

/** A context that the caller frees with contextFree; `fill` completes it. Throws TlsError. */
export function makeContext(protocol: TlsProtocol, fill: (context: number) => void): number {
  const context = contextNew(tlsMethod());
  if (context === 0) throw new TlsError("OpenSSL has no memory");
  try {
    allow(context, protocol);
    fill(context);
  } catch (error) {
    contextFree(context);
    throw error;
  }
  return context;
}

function allow(context: number, protocol: TlsProtocol): void {
  const { minVersion, maxVersion, ciphers, ciphersuites, curves } = protocol;
  const mode = SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS;
  contextControl(context, SSL_CTRL_MODE, mode, 0);
  contextSetOptions(context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
  contextControl(context, SSL_CTRL_SET_MIN_PROTO_VERSION, versions[minVersion], 0);
  contextControl(context, SSL_CTRL_SET_MAX_PROTO_VERSION, versions[maxVersion], 0);
  if (ciphers !== "" && contextSetCipherList(context, ciphers) !== 1) {
    throw new TlsError("OpenSSL refuses the ciphers");
  }
  if (ciphersuites !== "" && contextSetCiphersuites(context, ciphersuites) !== 1) {
    throw new TlsError("OpenSSL refuses the ciphersuites");
  }
  if (curves !== "" && contextControlText(context, SSL_CTRL_SET_GROUPS_LIST, 0, curves) !== 1) {
    throw new TlsError("OpenSSL refuses the curves");
  }
}

/** Has it show this certificate with its chain. Throws TlsError. */
export function useCertificate(
  context: number,
  cert: Uint8Array,
  key: Uint8Array,
  passphrase: string,
): void {
  const [own, ...chain] = certificatesOf(cert);
  const used = contextUseCertificate(context, own as number);
  certificateFree(own as number);
  for (const link of chain) {
    contextControl(context, SSL_CTRL_CHAIN_CERT, 1, link);
    certificateFree(link);
  }
  if (used !== 1) throw new TlsError("OpenSSL refuses the certificate");
  const secret = keyOf(key, passphrase);
  const taken = contextUsePrivateKey(context, secret);
  keyFree(secret);
  if (taken !== 1) throw new TlsError("OpenSSL refuses the key");
}

/** As RFC 7301 writes a list of protocols. */
export function protocolList(protocols: readonly string[]): Buffer {
  return Buffer.concat(
    protocols.map((name) => {
      const bytes = Buffer.from(name, "latin1");
      return Buffer.concat([Buffer.of(bytes.length), bytes]);
    }),
  );
}
