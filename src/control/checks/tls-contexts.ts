// What TLS of checks is made of: Node's contexts, from what control/certificates has read. Who has the
// same files and settings shares one, because the system's roots cost 1 MB of memory and 0.2 s of CPU.
// Checks has one of these for all its probes. It reads no files.
import { constants } from "node:crypto";
import { createSecureContext, type SecureContext } from "node:tls";
import type { ServerMaterial } from "../../config/tls-material.ts";
import type { ServerTlsPlan } from "../../config/tls-plan.ts";
import { serverKey } from "../../scoreboard/rows.ts";
import type { ProbeTarget } from "./probe.ts";

/** What was read for a check with TLS, as it is now, by `check BACKEND/SERVER`; null: nothing. */
export type TlsMaterialOf = (key: string) => ServerMaterial | null;

/** Stands where there are no such files. */
const none = {};
const nothing: ServerMaterial = { ca: null, cert: null, key: null, passphrase: "" };

export class TlsContexts {
  readonly #materialOf: TlsMaterialOf;
  /**
   * By who may sign, then by our own certificate, then by settings: a context goes when nobody has
   * those arrays any more. A key has no place here, because it belongs to its certificate.
   */
  readonly #made: WeakMap<object, WeakMap<object, Map<string, SecureContext | string>>>;

  constructor(materialOf: TlsMaterialOf = () => null) {
    this.#materialOf = materialOf;
    this.#made = new WeakMap();
  }

  /** With the files of this moment. A text says why there is no context. */
  of({ backend, server }: ProbeTarget, plan: ServerTlsPlan): SecureContext | string {
    const material = this.#materialOf(`check ${serverKey(backend, server)}`) ?? nothing;
    const { ca, cert, key } = material;
    if (plan.verify && ca === null) return "who may sign its certificate has not been read";
    if (plan.cert !== null && (cert === null || key === null)) {
      return "the check's own certificate has not been read";
    }
    const ofCa = reached(this.#made, ca ?? none, () => new WeakMap());
    const ofCert = reached(ofCa, cert ?? none, () => new Map());
    return reached(ofCert, JSON.stringify(plan.protocol), () => contextOf(plan, material));
  }
}

function reached<K, V>(
  map: { get: (key: K) => V | undefined; set: (key: K, value: V) => unknown },
  key: K,
  make: () => V,
): V {
  const known = map.get(key) ?? make();
  map.set(key, known);
  return known;
}

function contextOf({ protocol }: ServerTlsPlan, material: ServerMaterial): SecureContext | string {
  const { minVersion, maxVersion, ciphers, ciphersuites, curves } = protocol;
  const { ca, cert, key, passphrase } = material;
  try {
    return createSecureContext({
      minVersion,
      maxVersion,
      // Node has one list for all versions, and one of its own where there is none.
      ciphers: [ciphers || "DEFAULT", ciphersuites].filter((list) => list !== "").join(":"),
      ecdhCurve: curves || "auto",
      // An empty list is nobody; without one Node would trust whom it knows.
      ca: ca === null ? [] : [asBuffer(ca)],
      // As sessions do: who is named may sign, though another has signed its certificate.
      allowPartialTrustChain: true,
      secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
      ...(cert !== null && key !== null && { cert: asBuffer(cert), key: asBuffer(key) }),
      ...(passphrase !== "" && { passphrase }),
    });
  } catch (error) {
    const { reason, message } = error as { reason?: string; message: string };
    return `its settings or files cannot be used: ${reason ?? message}`;
  }
}

function asBuffer({ buffer, byteOffset, length }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, length);
}
