// eventfd(2): a counter with a descriptor. One thread waits for it in epoll, others signal it.
import { EAGAIN } from "./constants.ts";
import { SystemError } from "./errno.ts";
import { errno, read, write } from "./libc.ts";
import { Memory } from "./memory.ts";

const scratch = new Memory(8);

/** Wakes whoever waits. A full counter (EAGAIN) means that it is awake already. */
export function signal(descriptor: number): void {
  scratch.int32[0] = 1;
  scratch.int32[1] = 0;
  if (write(descriptor, scratch.address, 8) < 0) {
    const code = errno();
    if (code !== EAGAIN) throw new SystemError(code, "write", `eventfd ${descriptor}`);
  }
}

/** Resets the counter, so that the next signal is an event again. */
export function drainEventfd(descriptor: number): void {
  read(descriptor, scratch.address, 8);
}
