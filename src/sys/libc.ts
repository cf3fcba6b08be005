// The C library through koffi: the only file that binds functions. `koffi.load(null)` searches what
// the node binary already links, so glibc and musl need no file names. All pointers are plain
// numbers (user-space addresses fit 47 bits): passing numbers is what makes a call cost 20 ns.
//
// On failure calls return -1 and errno() must be read before any other call is made.
import koffi from "koffi";

const libc = koffi.load(null);

/** The errno of the last call on this thread. */
export const errno: () => number = koffi.errno;

export const socket = libc.func("int socket(int, int, int)") as (
  domain: number,
  type: number,
  protocol: number,
) => number;
export const bind = libc.func("int bind(int, long, int)") as (
  descriptor: number,
  address: number,
  length: number,
) => number;
export const listen = libc.func("int listen(int, int)") as (
  descriptor: number,
  backlog: number,
) => number;
export const accept4 = libc.func("int accept4(int, long, long, int)") as (
  descriptor: number,
  address: number,
  length: number,
  flags: number,
) => number;
export const connect = libc.func("int connect(int, long, int)") as (
  descriptor: number,
  address: number,
  length: number,
) => number;
export const getsockname = libc.func("int getsockname(int, long, long)") as (
  descriptor: number,
  address: number,
  length: number,
) => number;
export const setsockopt = libc.func("int setsockopt(int, int, int, long, int)") as (
  descriptor: number,
  level: number,
  name: number,
  value: number,
  length: number,
) => number;
export const getsockopt = libc.func("int getsockopt(int, int, int, long, long)") as (
  descriptor: number,
  level: number,
  name: number,
  value: number,
  length: number,
) => number;
export const recv = libc.func("int recv(int, long, long, int)") as (
  descriptor: number,
  buffer: number,
  length: number,
  flags: number,
) => number;
export const send = libc.func("int send(int, long, long, int)") as (
  descriptor: number,
  buffer: number,
  length: number,
  flags: number,
) => number;
/** The null offsets are passed as numbers. */
export const splice = libc.func("long splice(int, long, int, long, long, uint)") as (
  from: number,
  fromOffset: number,
  to: number,
  toOffset: number,
  length: number,
  flags: number,
) => number;
export const shutdown = libc.func("int shutdown(int, int)") as (
  descriptor: number,
  how: number,
) => number;
export const close = libc.func("int close(int)") as (descriptor: number) => number;
export const pipe2 = libc.func("int pipe2(long, int)") as (pair: number, flags: number) => number;
export const epollCreate1 = libc.func("int epoll_create1(int)") as (flags: number) => number;
export const epollCtl = libc.func("int epoll_ctl(int, int, int, long)") as (
  epoll: number,
  operation: number,
  descriptor: number,
  event: number,
) => number;
export const epollWait = libc.func("int epoll_wait(int, long, int, int)") as (
  epoll: number,
  events: number,
  eventsMax: number,
  timeoutMs: number,
) => number;
export const eventfd = libc.func("int eventfd(uint, int)") as (
  initial: number,
  flags: number,
) => number;
export const read = libc.func("long read(int, long, long)") as (
  descriptor: number,
  buffer: number,
  length: number,
) => number;
export const write = libc.func("long write(int, long, long)") as (
  descriptor: number,
  buffer: number,
  length: number,
) => number;
export const getrlimit = libc.func("int getrlimit(int, long)") as (
  resource: number,
  limit: number,
) => number;
export const setrlimit = libc.func("int setrlimit(int, long)") as (
  resource: number,
  limit: number,
) => number;

export const exitProcess = libc.func("void _exit(int)") as (status: number) => void;

const mmapVoid = libc.func("void *mmap(long, long, int, int, int, long)");

/** Anonymous private memory; null when the kernel has none. */
export function mmap(length: number, protection: number, flags: number): MappedMemory | null {
  const pointer: unknown = mmapVoid(0, length, protection, flags, -1, 0);
  const address = Number(koffi.address(pointer));
  // MAP_FAILED is (void *)-1: no user-space address comes near it.
  if (address < 0 || address > Number.MAX_SAFE_INTEGER) return null;
  return { address, buffer: koffi.view(pointer, length) };
}

export interface MappedMemory {
  readonly address: number;
  readonly buffer: ArrayBuffer;
}
