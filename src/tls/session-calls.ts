// What OpenSSL asks of a worker about sessions that no ticket carries: it is given a new one to keep, asks
// for one that a client names, and says which must be forgotten. Called from inside OpenSSL on this
// thread; nothing here may throw.
import { callback, copyMemory, fixedBytes } from "../sys/openssl/bind.ts";
import { contextControl } from "../sys/openssl/context.ts";
import { errorClear } from "../sys/openssl/error.ts";
import { sslVersion } from "../sys/openssl/session.ts";
import {
  contextOnGetSession,
  contextOnNewSession,
  contextOnRemoveSession,
  sessionFromBytes,
  sessionId,
  sessionToBytes,
  SSL_SESS_CACHE_EXTERNAL,
  sslContext,
} from "../sys/openssl/stored-session.ts";
import { type SessionCache, sessionIdBytes } from "./session-cache.ts";

const SSL_CTRL_SET_SESS_CACHE_MODE = 44;
const tls13 = 0x0304;

/** Where the sessions of a context are. */
export interface SessionStore {
  readonly cache: SessionCache;
  /** How long they last. */
  readonly lastsMs: number;
  /** Clients that can are given tickets: then TLS 1.3 needs nothing kept. */
  readonly tickets: boolean;
}

export class SessionCalls {
  readonly #stores: Map<number, SessionStore>;
  readonly #id: Uint8Array;
  readonly #idAddress: number;
  /** A pointer or a length on its way. */
  readonly #cell: { readonly bytes: Buffer; readonly address: number };
  #session: { readonly bytes: Buffer; readonly address: number };
  readonly #onNew: bigint;
  readonly #onGet: bigint;
  readonly #onRemove: bigint;

  constructor() {
    this.#stores = new Map();
    ({ bytes: this.#id, address: this.#idAddress } = fixedBytes(sessionIdBytes));
    this.#cell = fixedBytes(8);
    this.#session = fixedBytes(512);
    this.#onNew = callback("int BallastNewSession(long ssl, long session)", (ssl, session) =>
      this.#keep(ssl, session),
    );
    this.#onGet = callback(
      "long BallastGetSession(long ssl, long id, int length, long copy)",
      (ssl, id, length, copy) => this.#find(ssl, id, length, copy),
    );
    this.#onRemove = callback(
      "void BallastRemoveSession(long context, long session)",
      (context, session) => this.#forget(context, session),
    );
  }

  /** Sessions of this context are kept there, until remove(). */
  add(context: number, store: SessionStore): void {
    this.#stores.set(context, store);
    contextControl(context, SSL_CTRL_SET_SESS_CACHE_MODE, SSL_SESS_CACHE_EXTERNAL, 0);
    contextOnNewSession(context, this.#onNew);
    contextOnGetSession(context, this.#onGet);
    contextOnRemoveSession(context, this.#onRemove);
  }

  remove(context: number): void {
    this.#stores.delete(context);
  }

  /** 0: OpenSSL may free it, for what is kept is a copy. */
  #keep(ssl: number, session: number): number {
    const store = this.#stores.get(sslContext(ssl));
    if (store === undefined || (store.tickets && sslVersion(ssl) === tls13)) return 0;
    const length = sessionToBytes(session, 0);
    if (length <= 0 || length > store.cache.sessionBytesMax) return 0;
    if (length > this.#session.bytes.length)
      this.#session = fixedBytes(store.cache.sessionBytesMax);
    const { bytes, address } = this.#session;
    sessionToBytes(session, this.#pointer(address));
    const id = this.#idOf(session);
    if (id !== null) store.cache.put(id, bytes.subarray(0, length), store.lastsMs, nowMs());
    return 0;
  }

  /** Gives OpenSSL a session of its own, so nothing is to be copied. */
  #find(ssl: number, id: number, length: number, copy: number): number {
    this.#cell.bytes.fill(0);
    copyMemory(copy, this.#cell.address, 4);
    const store = this.#stores.get(sslContext(ssl));
    if (store === undefined || length !== sessionIdBytes) return 0;
    copyMemory(this.#idAddress, id, sessionIdBytes);
    const found = store.cache.get(this.#id, nowMs());
    if (found === null) return 0;
    if (found.length > this.#session.bytes.length) {
      this.#session = fixedBytes(store.cache.sessionBytesMax);
    }
    const { bytes, address } = this.#session;
    bytes.set(found);
    const session = sessionFromBytes(0, this.#pointer(address), found.length);
    if (session === 0) errorClear();
    return session;
  }

  #forget(context: number, session: number): number {
    const store = this.#stores.get(context);
    const id = store === undefined ? null : this.#idOf(session);
    if (id !== null) store?.cache.remove(id);
    return 0;
  }

  #idOf(session: number): Uint8Array | null {
    const { bytes, address } = this.#cell;
    const id = sessionId(session, address);
    if (bytes.readUInt32LE(0) !== sessionIdBytes) return null;
    copyMemory(this.#idAddress, id, sessionIdBytes);
    return this.#id;
  }

  /** Where a pointer to `address` is. */
  #pointer(address: number): number {
    this.#cell.bytes.writeBigUInt64LE(BigInt(address), 0);
    return this.#cell.address;
  }
}

/** Of the clock that all threads share. */
function nowMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
