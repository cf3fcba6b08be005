// Memory that both the kernel and JavaScript see at a fixed address. It lives outside the heap and
// is never unmapped: each thread maps its few buffers once and uses them until the process ends.
import { MAP_ANONYMOUS, MAP_PRIVATE, PROT_READ, PROT_WRITE } from "./constants.ts";
import { SystemError } from "./errno.ts";
import { errno, mmap } from "./libc.ts";

/** A block of mapped memory, as numbers (`address`) for system calls and as views for us. */
export class Memory {
  readonly address: number;
  readonly bytes: Buffer;
  readonly int32: Int32Array;

  /** Rounded up by the kernel to whole pages. Throws SystemError when there is no memory. */
  constructor(length: number) {
    const mapped = mmap(length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS);
    if (mapped === null) throw new SystemError(errno(), "mmap", `${length} bytes`);
    this.address = mapped.address;
    this.bytes = Buffer.from(mapped.buffer);
    this.int32 = new Int32Array(mapped.buffer, 0, length >> 2);
  }
}
