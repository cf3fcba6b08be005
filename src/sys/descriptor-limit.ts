// RLIMIT_NOFILE: how many descriptors this process may have. struct rlimit is two 64-bit numbers
// (soft, hard) on every supported platform.
import { RLIMIT_NOFILE } from "./constants.ts";
import { SystemError } from "./errno.ts";
import { errno, getrlimit, setrlimit } from "./libc.ts";
import { Memory } from "./memory.ts";

/**
 * Raises the soft limit to the hard one and returns it (Infinity for RLIM_INFINITY). A process may
 * always do that; Node itself does it at start too, but not in every embedding.
 */
export function raiseDescriptorLimit(): number {
  const memory = new Memory(16);
  if (getrlimit(RLIMIT_NOFILE, memory.address) < 0) {
    throw new SystemError(errno(), "getrlimit", "RLIMIT_NOFILE");
  }
  const soft = memory.bytes.readBigUInt64LE(0);
  const hard = memory.bytes.readBigUInt64LE(8);
  if (soft !== hard) {
    memory.bytes.writeBigUInt64LE(hard, 0);
    if (setrlimit(RLIMIT_NOFILE, memory.address) < 0) return limit(soft);
  }
  return limit(hard);
}

function limit(value: bigint): number {
  return value > BigInt(Number.MAX_SAFE_INTEGER) ? Infinity : Number(value);
}
