// The other ends of the connections under test. The suite knows these interfaces only, so that a
// simulated network can stand in; node-peers.conformance.ts is the real one.
import type { SocketAddress } from "../../config/address.ts";

export interface Peer {
  /** Null until connected. */
  readonly local: SocketAddress | null;
  readonly connected: boolean;
  /** Bytes read so far. */
  readonly received: number;
  /** SHA-256 of all bytes read so far, in hex. */
  digest(): string;
  /** All bytes read so far as Latin-1: for short exchanges. */
  text(): string;
  /** Bytes of write() that its kernel has taken, in whole pieces of 64 KiB. */
  readonly sent: number;
  /** FIN was read. */
  readonly ended: boolean;
  /** The code it failed with, such as ECONNRESET; null while it has not. */
  readonly error: string | null;
  /** Does nothing after end(). */
  write(bytes: Uint8Array | string): void;
  /** FIN after everything written. */
  end(): void;
  /** RST at once. */
  reset(): void;
  /** Stops reading, so that what is sent to it fills the kernel's buffers. */
  pause(): void;
  resume(): void;
}

export interface PeerServer {
  readonly address: SocketAddress;
  /** In the order in which they came. */
  readonly accepted: readonly Peer[];
  close(): void;
}

/** A listener that accepts nothing: its backlog fills up and then connects hang. */
export interface DeafServer {
  readonly address: SocketAddress;
  /** From now on it accepts everybody. */
  listen(): void;
}

export interface Peers {
  listen(address: SocketAddress): Promise<PeerServer>;
  connect(address: SocketAddress): Peer;
  deaf(): Promise<DeafServer>;
  /** Closes everything that was opened here. */
  close(): Promise<void>;
}
