// struct epoll_event: { uint32 events; uint64 data }. On x64 the kernel declares it packed
// (12 bytes), everywhere else it is aligned (16 bytes, data at 8). We use data as two 32-bit
// halves: the descriptor, and the generation of the connection that registered it.
import { arch } from "node:process";

/** Counted in Int32 cells, as the reactor reads it. */
export interface EventLayout {
  /** From one event to the next. */
  readonly stride: number;
  /** Of the data's first half; the second is in the next cell. */
  readonly data: number;
}

/** The kernel's layout on an architecture, by Node's name for it. */
export function eventLayout(architecture: string): EventLayout {
  return architecture === "x64" ? { stride: 3, data: 1 } : { stride: 4, data: 2 };
}

const layout = eventLayout(arch);

/** Int32 cells from one event to the next. */
export const eventStride: number = layout.stride;
/** Cell of the descriptor; the generation is in the next one. */
export const eventData: number = layout.data;
export const eventBytes: number = eventStride * 4;
