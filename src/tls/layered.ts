// What a connection over another one has from that: who the peer is, and what has come.
import type { SocketAddress } from "../config/address.ts";
import type { Connection } from "../reactor/reactor.ts";

export abstract class Layered {
  /** Null: set by whoever connects, at once. */
  transport: Connection;

  constructor(transport: Connection | null) {
    this.transport = transport as Connection;
  }

  get id(): number {
    return this.transport.id;
  }

  get incoming(): boolean {
    return this.transport.incoming;
  }

  get hasData(): boolean {
    return this.transport.hasData;
  }

  get remote(): SocketAddress {
    return this.transport.remote;
  }

  local(): SocketAddress | null {
    return this.transport.local();
  }

  /** Given back as it came, before there is TLS. */
  unread(bytes: Uint8Array, start: number, end: number): void {
    this.transport.unread(bytes, start, end);
  }
}
