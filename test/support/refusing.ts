// An address that refuses every connection for as long as the test runs: its port is taken, and nobody
// listens. A port that was merely free a moment ago may be somebody's by now.
import { formatAddress, type SocketAddress } from "../../src/config/address.ts";
import { AF_INET } from "../../src/sys/constants.ts";
import { bind, close, errno, socket } from "../../src/sys/libc.ts";
import { Memory } from "../../src/sys/memory.ts";
import { encodeSockaddr, sockaddrBytesMax } from "../../src/sys/sockaddr.ts";
import { localAddress, streamType } from "../../src/sys/stream-socket.ts";
import { atTestEnd } from "./leftovers.ts";

/** As a configuration writes it; 127.0.0.1 and a port. */
export function refusingAddress(): string {
  const descriptor = socket(AF_INET, streamType, 0);
  if (descriptor < 0) throw new Error(`socket: errno ${errno()}`);
  atTestEnd(() => void close(descriptor));
  const loopback: SocketAddress = { family: "ipv4", host: "127.0.0.1", port: 0 };
  const name = new Memory(sockaddrBytesMax);
  const length = encodeSockaddr(loopback, name.bytes, 0);
  if (bind(descriptor, name.address, length) !== 0) throw new Error(`bind: errno ${errno()}`);
  return formatAddress(localAddress(descriptor) as SocketAddress);
}
