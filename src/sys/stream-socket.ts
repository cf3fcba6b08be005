// Stream sockets as the reactor and the control plane need them: options set in one place, errors
// with the address in them. Cold paths throw SystemError; the hot ones return -1 and leave errno.
import type { SocketAddress } from "../config/address.ts";
import { formatAddress } from "../config/address.ts";
import * as C from "./constants.ts";
import { SystemError } from "./errno.ts";
import * as libc from "./libc.ts";
import { Memory } from "./memory.ts";
import { decodeSockaddr, encodeSockaddr, sockaddrBytesMax } from "./sockaddr.ts";

const option = new Memory(8);
/** As much of struct tcp_info as is read; for a listener `tcpi_unacked` is its queue's length. */
const tcpInfo = new Memory(32);
const tcpiUnacked = 6;
const optionLength = new Memory(4);
const name = new Memory(sockaddrBytesMax + 2);
const nameLength = new Memory(4);

/** For socket(2). */
export const streamType: number = C.SOCK_STREAM | C.SOCK_NONBLOCK | C.SOCK_CLOEXEC;

/** Sets an int option; false when the kernel refuses (errno tells). */
export function setOption(
  descriptor: number,
  level: number,
  option_: number,
  value: number,
): boolean {
  option.int32[0] = value;
  return libc.setsockopt(descriptor, level, option_, option.address, 4) === 0;
}

export function domainOf(address: SocketAddress): number {
  if (address.family === "unix") return C.AF_UNIX;
  return address.family === "ipv4" ? C.AF_INET : C.AF_INET6;
}

/**
 * Opens a non-blocking listening socket. `reusePort` lets several listen on the same port (one per
 * worker) and the kernel spreads the connections. TCP_NODELAY is set here because accepted sockets
 * inherit it on Linux, which saves a system call for every connection.
 */
export function openListener(address: SocketAddress, backlog: number, reusePort: boolean): number {
  const text = formatAddress(address);
  const descriptor = libc.socket(domainOf(address), streamType, 0);
  if (descriptor < 0) throw new SystemError(libc.errno(), "socket", text);
  try {
    if (address.family !== "unix") {
      must(setOption(descriptor, C.SOL_SOCKET, C.SO_REUSEADDR, 1), "setsockopt SO_REUSEADDR", text);
      if (reusePort) {
        must(
          setOption(descriptor, C.SOL_SOCKET, C.SO_REUSEPORT, 1),
          "setsockopt SO_REUSEPORT",
          text,
        );
      }
      must(setOption(descriptor, C.IPPROTO_TCP, C.TCP_NODELAY, 1), "setsockopt TCP_NODELAY", text);
      if (address.family === "ipv6") {
        // The wildcard takes IPv4 too, as people expect of ":80"; any other address is IPv6 alone.
        const only = address.host === "::" ? 0 : 1;
        must(
          setOption(descriptor, C.IPPROTO_IPV6, C.IPV6_V6ONLY, only),
          "setsockopt IPV6_V6ONLY",
          text,
        );
      }
    }
    const length = encodeSockaddr(address, name.bytes, 0);
    must(libc.bind(descriptor, name.address, length) === 0, "bind", text);
    must(libc.listen(descriptor, backlog) === 0, "listen", text);
    return descriptor;
  } catch (error) {
    libc.close(descriptor);
    throw error;
  }
}

function must(done: boolean, call: string, subject: string): void {
  if (!done) throw new SystemError(libc.errno(), call, subject);
}

/**
 * Options of a TCP socket towards a server, before it connects. With `dataFollows` the ACK that
 * completes the handshake waits for the first bytes (what HAProxy calls tcp-smart-connect): one
 * packet less, measured as 3 % of a short session's CPU.
 */
export function setOutgoing(descriptor: number, keepaliveMs: number, dataFollows: boolean): void {
  if (dataFollows) setOption(descriptor, C.IPPROTO_TCP, C.TCP_QUICKACK, 0);
  if (keepaliveMs > 0) setKeepalive(descriptor, keepaliveMs);
}

export function setNoDelay(descriptor: number): void {
  setOption(descriptor, C.IPPROTO_TCP, C.TCP_NODELAY, 1);
}

/** Probes after `keepaliveMs` of silence and as often again; 0 switches them off. */
export function setKeepalive(descriptor: number, keepaliveMs: number): void {
  setOption(descriptor, C.SOL_SOCKET, C.SO_KEEPALIVE, keepaliveMs > 0 ? 1 : 0);
  if (keepaliveMs === 0) return;
  const seconds = Math.max(1, Math.round(keepaliveMs / 1000));
  setOption(descriptor, C.IPPROTO_TCP, C.TCP_KEEPIDLE, seconds);
  setOption(descriptor, C.IPPROTO_TCP, C.TCP_KEEPINTVL, seconds);
}

/** The pending error of a socket (SO_ERROR, which clears it); 0 when there is none. */
export function pendingError(descriptor: number): number {
  optionLength.int32[0] = 4;
  const { address } = option;
  if (libc.getsockopt(descriptor, C.SOL_SOCKET, C.SO_ERROR, address, optionLength.address) < 0) {
    return libc.errno();
  }
  return option.int32[0] as number;
}

/** Connections that wait on a listening TCP socket; -1: the kernel does not tell. */
export function backlogLength(descriptor: number): number {
  optionLength.int32[0] = tcpInfo.bytes.length;
  const { address } = tcpInfo;
  if (libc.getsockopt(descriptor, C.IPPROTO_TCP, C.TCP_INFO, address, optionLength.address) < 0) {
    return -1;
  }
  return tcpInfo.int32[tcpiUnacked] as number;
}

/** Makes the coming close() send RST instead of FIN (SO_LINGER on, 0 seconds). */
export function resetOnClose(descriptor: number): void {
  option.int32[0] = 1;
  option.int32[1] = 0;
  libc.setsockopt(descriptor, C.SOL_SOCKET, C.SO_LINGER, option.address, 8);
}

/** This end of a socket; null when the descriptor cannot tell any more. */
export function localAddress(descriptor: number): SocketAddress | null {
  nameLength.int32[0] = sockaddrBytesMax;
  if (libc.getsockname(descriptor, name.address, nameLength.address) < 0) return null;
  return decodeSockaddr(name.bytes, 0, nameLength.int32[0]);
}
