// What a plan needs to know about the machine that it is for. Tests pass their own.
import { availableParallelism, networkInterfaces } from "node:os";
import { workersMax } from "./builtin.ts";

export interface Machine {
  /** CPUs that this process may use. */
  readonly cpus: number;
  /** Some interface has an IPv6 address, so that the IPv6 wildcard can be bound. */
  readonly ipv6: boolean;
}

/** The machine that this process runs on. */
export function thisMachine(): Machine {
  return { cpus: Math.min(availableParallelism(), workersMax), ipv6: hasIpv6() };
}

function hasIpv6(): boolean {
  try {
    return Object.values(networkInterfaces()).some((addresses) =>
      addresses?.some(({ family }) => family === "IPv6"),
    );
  } catch {
    // Some sandboxes forbid the question; IPv4 works there.
    return false;
  }
}
