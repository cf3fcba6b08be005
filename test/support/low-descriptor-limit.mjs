// For `node --import`: what follows in this process begins with a soft limit of 300 descriptors,
// which Node, having raised it at its own start, does not touch again. Tells the limits that the
// kernel now has, as a line of the process log.
import { readFileSync } from "node:fs";
import process from "node:process";
import { isMainThread } from "node:worker_threads";
import { RLIMIT_NOFILE } from "../../dist/sys/constants.js";
import { errno, getrlimit, setrlimit } from "../../dist/sys/libc.js";
import { Memory } from "../../dist/sys/memory.js";

const soft = 300n;

function lower() {
  const limits = new Memory(16);
  getrlimit(RLIMIT_NOFILE, limits.address);
  limits.bytes.writeBigUInt64LE(soft, 0);
  if (setrlimit(RLIMIT_NOFILE, limits.address) < 0) throw new Error(`setrlimit: errno ${errno()}`);
  const line = /^Max open files.*$/m.exec(readFileSync("/proc/self/limits", "latin1"));
  process.stderr.write(`${JSON.stringify({ message: `lowered: ${line[0]}` })}\n`);
}

// Worker threads import it too, and the limit is the process's.
if (isMainThread) lower();
