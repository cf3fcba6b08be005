// Which server a cookie's value stands for, found without making a string: a hash table over the bytes
// of the values, built with the plan. Several servers may share a value, a backup the one of the
// server that it is for; the caller goes through them with following().
import { hashBytes } from "../../../balance/key-hash.ts";

const none = -1;

export class ServerValues {
  /** By server; null: no cookie is given for it. */
  readonly #values: readonly (Uint8Array | null)[];
  readonly #slots: Int32Array;
  readonly #following: Int32Array;

  /** `servers`: their names in order; `values` by name. */
  constructor(servers: readonly string[], values: Readonly<Record<string, string>>) {
    this.#values = servers.map((name) => {
      const value = Object.hasOwn(values, name) ? values[name] : undefined;
      return value === undefined || value === "" ? null : Buffer.from(value, "utf8");
    });
    let size = 8;
    while (size < servers.length * 2) size *= 2;
    this.#slots = new Int32Array(size).fill(none);
    this.#following = new Int32Array(servers.length).fill(none);
    for (let server = 0; server < servers.length; server++) this.#enter(server);
  }

  #enter(server: number): void {
    const value = this.#values[server] ?? null;
    if (value === null) return;
    let before = this.find(value, 0, value.length);
    if (before === none) {
      let slot = hashBytes(value, 0, value.length) & (this.#slots.length - 1);
      while (this.#slots[slot] !== none) slot = (slot + 1) & (this.#slots.length - 1);
      this.#slots[slot] = server;
      return;
    }
    while (this.following(before) !== none) before = this.following(before);
    this.#following[before] = server;
  }

  /** The first server with that value; -1: none. */
  find(bytes: Uint8Array, start: number, end: number): number {
    const mask = this.#slots.length - 1;
    for (let slot = hashBytes(bytes, start, end) & mask; ; slot = (slot + 1) & mask) {
      const server = this.#slots[slot] as number;
      if (server === none || this.#isValue(server, bytes, start, end)) return server;
    }
  }

  #isValue(server: number, bytes: Uint8Array, start: number, end: number): boolean {
    const value = this.#values[server] as Uint8Array;
    if (value.length !== end - start) return false;
    for (let i = 0; i < value.length; i++) if (bytes[start + i] !== value[i]) return false;
    return true;
  }

  /** The next server with the same value; -1: none. */
  following(server: number): number {
    return this.#following[server] ?? none;
  }

  /** Null: it has none. */
  of(server: number): Uint8Array | null {
    return this.#values[server] ?? null;
  }

  /** Whether a cookie that stands for the first of them stands for the second too. */
  isShared(first: number, second: number): boolean {
    let server = first;
    while (server !== none && server !== second) server = this.following(server);
    return server !== none;
  }
}
