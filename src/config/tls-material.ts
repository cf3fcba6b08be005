// What workers need for TLS, read from the files that a plan names: control/certificates reads it,
// workers take it. It has private keys in it: it is never shown. Plain data that can be posted;
// imports no library. Whatever is read from the same files is the same array, so one message has it
// once, however many binds or servers share it.
import type { CertificateMaterial } from "./tls-plan.ts";

/** For a bind with TLS. */
export interface BindMaterial {
  /** At least one; the first is for clients that name no server. */
  readonly certificates: readonly CertificateMaterial[];
  /** PEM: who may have signed clients' certificates; null: clients are not asked. */
  readonly clientCa: Uint8Array | null;
  /** PEM: revoked certificates; null: none. */
  readonly crl: Uint8Array | null;
}

/** For a server with TLS. */
export interface ServerMaterial {
  /** PEM: who may have signed its certificate, the system's roots included; null: it is not verified. */
  readonly ca: Uint8Array | null;
  /** PEM: our own certificate and chain; null: none. */
  readonly cert: Uint8Array | null;
  /** PEM: its key. */
  readonly key: Uint8Array | null;
  /** Of the key; empty: it is not encrypted. */
  readonly passphrase: string;
}
