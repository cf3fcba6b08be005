// Ending the process without asking its threads. process.exit() waits for every worker thread, and
// one that hangs, or waits in the kernel, would keep it from ending.
import { exitProcess } from "./libc.ts";

/** _exit(2): no handlers, no flushing, now. */
export function exitNow(code: number): never {
  exitProcess(code);
  throw new Error("unreachable: _exit returned");
}
