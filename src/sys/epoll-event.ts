// struct epoll_event: { uint32 events; uint64 data }. On x64 the kernel declares it packed
// (12 bytes), everywhere else it is aligned (16 bytes, data at 8). We use data as two 32-bit
// halves: the descriptor, and the generation of the connection that registered it.
import { arch } from "node:process";

/** Int32 cells from one event to the next. */
export const eventStride: number = arch === "x64" ? 3 : 4;
/** Cell of the descriptor; the generation is in the next one. */
export const eventData: number = arch === "x64" ? 1 : 2;
export const eventBytes: number = eventStride * 4;
