// The keys that session tickets are sealed with. The control plane makes them and gives all workers the
// same, so that a ticket is good wherever its client lands; here they lie where OpenSSL reads them.
import { fixedBytes } from "../sys/openssl/bind.ts";

/** One key as it is handed around: name, MAC key and cipher key (as nginx's and HAProxy's files have them). */
export const ticketKeyBytes = 80;

/** Keys in force at once: the newest seals, the others open what was sealed before. */
export const ticketKeysMax = 3;

const nameBytes = 16;
const macBytes = 32;

/** struct ossl_param_st: a name, a type, a place, its size, and what is given back. */
const paramBytes = 40;
const OSSL_PARAM_UTF8_STRING = 4;
const OSSL_PARAM_OCTET_STRING = 5;

/** Places of its parts in memory. */
export interface TicketKey {
  readonly name: number;
  readonly cipher: number;
  /** Parameters of its MAC: key and digest (EVP_MAC_CTX_set_params(3)). */
  readonly macParams: number;
}

class Slot implements TicketKey {
  readonly name: number;
  readonly cipher: number;
  readonly macParams: number;
  readonly bytes: Buffer;

  constructor(words: { readonly key: number; readonly digest: number; readonly sha256: number }) {
    const { bytes, address } = fixedBytes(ticketKeyBytes);
    const params = fixedBytes(3 * paramBytes);
    params.bytes.fill(0);
    const param = (at: number, name: number, type: number, data: number, size: number): void => {
      params.bytes.writeBigUInt64LE(BigInt(name), at);
      params.bytes.writeUInt32LE(type, at + 8);
      params.bytes.writeBigUInt64LE(BigInt(data), at + 16);
      params.bytes.writeBigUInt64LE(BigInt(size), at + 24);
    };
    const sha256Bytes = 6;
    param(0, words.key, OSSL_PARAM_OCTET_STRING, address + nameBytes, macBytes);
    param(paramBytes, words.digest, OSSL_PARAM_UTF8_STRING, words.sha256, sha256Bytes);
    this.bytes = bytes;
    this.name = address;
    this.cipher = address + nameBytes + macBytes;
    this.macParams = params.address;
  }
}

export class TicketKeys {
  readonly #slots: readonly Slot[];
  #count: number;

  constructor() {
    const words = { key: textAt("key"), digest: textAt("digest"), sha256: textAt("SHA256") };
    this.#slots = Array.from({ length: ticketKeysMax }, () => new Slot(words));
    this.#count = 0;
  }

  /** New ones, newest first; further ones than there is room for are the oldest. */
  replace(keys: readonly Uint8Array[]): void {
    this.#count = Math.min(keys.length, this.#slots.length);
    for (const [i, slot] of this.#slots.entries()) {
      slot.bytes.fill(0);
      const key = keys[i];
      if (key !== undefined) slot.bytes.set(key.subarray(0, ticketKeyBytes));
    }
  }

  get newest(): TicketKey | null {
    return this.#count === 0 ? null : (this.#slots[0] ?? null);
  }

  /** The one whose name is in the first bytes of `name`; null: it is not ours, or too old. */
  find(name: Uint8Array): TicketKey | null {
    for (let i = 0; i < this.#count; i++) {
      const slot = this.#slots[i] as Slot;
      if (slot.bytes.compare(name, 0, nameBytes, 0, nameBytes) === 0) return slot;
    }
    return null;
  }
}

/** A C string that is never freed. */
function textAt(text: string): number {
  const { bytes, address } = fixedBytes(text.length + 1);
  bytes.fill(0);
  bytes.write(text, "latin1");
  return address;
}
