// Opening a connection towards a server. All failures, also those that the kernel tells at once,
// reach the owner from a turn, never from inside its call.
import type { SocketAddress } from "../../config/address.ts";
import * as C from "../../sys/constants.ts";
import * as libc from "../../sys/libc.ts";
import { encodeSockaddr } from "../../sys/sockaddr.ts";
import { domainOf, setOutgoing, streamType } from "../../sys/stream-socket.ts";
import { type ConnectionHandler, type ConnectOptions, Reason } from "../reactor.ts";
import { EpollConnection } from "./epoll-connection.ts";
import type { Poll } from "./poll.ts";
import { reasonOf } from "./reasons.ts";

const interest = C.EPOLLIN | C.EPOLLPRI | C.EPOLLOUT | C.EPOLLRDHUP | C.EPOLLET;

export function openConnection(
  poll: Poll,
  remote: SocketAddress,
  options: ConnectOptions,
  handler: ConnectionHandler,
): EpollConnection {
  const domain = domainOf(remote);
  let descriptor = poll.ownership.socket(domain, streamType);
  if (descriptor < 0 && reasonOf(libc.errno()) === Reason.exhausted && poll.reserve.take()) {
    descriptor = poll.ownership.socket(domain, streamType);
  }
  const connection = new EpollConnection(poll, descriptor, handler, false, remote, 0, 0);
  if (descriptor < 0) {
    connection.failLater(libc.errno());
    return connection;
  }
  if (remote.family === "unix") connection.noDelay = true;
  else setOutgoing(descriptor, options.keepaliveMs, options.dataFollows);
  const length = encodeSockaddr(remote, poll.address.bytes, 0);
  if (libc.connect(descriptor, poll.address.address, length) < 0) {
    const error = libc.errno();
    // A unix socket whose backlog is full says EAGAIN and never connects: refused, to be retried.
    if (error !== C.EINPROGRESS && error !== C.EINTR) {
      connection.failLater(error === C.EAGAIN ? C.ECONNREFUSED : error);
      return connection;
    }
  }
  if (!poll.control(C.EPOLL_CTL_ADD, descriptor, interest, connection.generation)) {
    connection.failLater(libc.errno());
  }
  return connection;
}
