// Opens and closes this reactor's descriptors, and notes whose they are where a dead thread's can
// be found and closed. A thread can be ended wherever V8 looks for interrupts: when a function is
// entered and when a loop goes round. So between a system call and its note there must be neither,
// or a descriptor of a thread that dies there is nobody's for ever. Nothing else may stand in here.
import * as C from "../../sys/constants.ts";
import * as libc from "../../sys/libc.ts";
import type { Memory } from "../../sys/memory.ts";

export class Ownership {
  /**
   * Shared by all threads, by descriptor: 1 + the worker that has opened it, 0 for everything else.
   * Descriptors beyond its end are not noted.
   */
  readonly #owners: Uint8Array;
  readonly #mark: number;

  constructor(owners: Uint8Array, worker: number) {
    this.#owners = owners;
    this.#mark = worker + 1;
  }

  /** As socket(2). All of these give -1, and errno, when there is none. */
  socket(domain: number, type: number): number {
    const descriptor = libc.socket(domain, type, 0);
    if (descriptor >= 0) this.#owners[descriptor] = this.#mark;
    return descriptor;
  }

  /** As accept4(2), non-blocking; the peer's address is written to `address`. */
  accept(listener: number, address: number, length: number): number {
    const flags = C.SOCK_NONBLOCK | C.SOCK_CLOEXEC;
    const descriptor = libc.accept4(listener, address, length, flags);
    if (descriptor >= 0) this.#owners[descriptor] = this.#mark;
    return descriptor;
  }

  /** As pipe2(2), non-blocking: the two ends are written to `pair`. */
  pipe(pair: Memory): number {
    const { address, int32 } = pair;
    const result = libc.pipe2(address, C.O_NONBLOCK | C.O_CLOEXEC);
    if (result === 0) {
      this.#owners[int32[0] as number] = this.#mark;
      this.#owners[int32[1] as number] = this.#mark;
    }
    return result;
  }

  /** As eventfd(2), non-blocking. */
  eventfd(): number {
    const descriptor = libc.eventfd(0, C.EFD_NONBLOCK | C.EFD_CLOEXEC);
    if (descriptor >= 0) this.#owners[descriptor] = this.#mark;
    return descriptor;
  }

  /** Whether a descriptor of this reactor is noted. */
  notes(descriptor: number): boolean {
    return this.#owners[descriptor] === this.#mark;
  }

  /** As epoll_create1(2). */
  epoll(): number {
    const descriptor = libc.epollCreate1(C.EPOLL_CLOEXEC);
    if (descriptor >= 0) this.#owners[descriptor] = this.#mark;
    return descriptor;
  }

  /** Notes what was opened elsewhere. */
  own(descriptor: number): void {
    this.#owners[descriptor] = this.#mark;
  }

  /** The note goes first: from the close on, the number may be another thread's. */
  close(descriptor: number): void {
    this.#owners[descriptor] = 0;
    libc.close(descriptor);
  }
}
