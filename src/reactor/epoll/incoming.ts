// Accepting: from a listening descriptor to a connection that epoll watches. Between the two calls
// the peer's address stands in the poll's address memory.
import type { SocketAddress } from "../../config/address.ts";
import * as C from "../../sys/constants.ts";
import { errno } from "../../sys/libc.ts";
import { decodeSockaddr, sockaddrBytesMax } from "../../sys/sockaddr.ts";
import { silentHandler } from "../silent-handler.ts";
import { EpollConnection } from "./epoll-connection.ts";
import type { Poll } from "./poll.ts";

const interest = C.EPOLLIN | C.EPOLLPRI | C.EPOLLRDHUP | C.EPOLLET;

/** accept4 into the poll's address memory; -1, and errno, when there is nobody or nothing left. */
export function acceptNext(poll: Poll, listener: number): number {
  const { address, addressLength } = poll;
  addressLength.int32[0] = sockaddrBytesMax;
  return poll.ownership.accept(listener, address.address, addressLength.address);
}

/**
 * With `failure` set it is closed already: epoll has no watch left, so nothing could ever be heard
 * from it.
 */
export function adoptConnection(
  poll: Poll,
  descriptor: number,
  listener: SocketAddress,
): EpollConnection {
  const { bytes, int32 } = poll.address;
  let remote: SocketAddress | null = null;
  let ip = 0;
  let port = 0;
  if (bytes[0] === C.AF_INET) {
    ip = int32[1] as number;
    port = ((bytes[2] as number) << 8) | (bytes[3] as number);
  } else if (bytes[0] === C.AF_INET6) {
    remote = decodeSockaddr(bytes, 0, poll.addressLength.int32[0] as number);
  } else {
    remote = listener;
  }
  // It is paused: until its owner sets a handler, only a failure can come.
  const connection = new EpollConnection(poll, descriptor, silentHandler, true, remote, ip, port);
  if (!poll.control(C.EPOLL_CTL_ADD, descriptor, interest, connection.generation)) {
    connection.failure = errno();
    connection.abort();
  }
  return connection;
}
