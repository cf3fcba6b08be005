// Errors of system calls: errno's name, the call, and what it was about. Used where a failure is
// exceptional (start-up, plan changes); the hot path compares raw errno numbers instead.
import { constants } from "node:os";

const names = new Map<number, string>();
for (const [name, number] of Object.entries(constants.errno)) {
  if (!names.has(number)) names.set(number, name);
}

/** `ECONNREFUSED` for 111; `errno 9999` for a number without a name. */
export function errnoName(errno: number): string {
  return names.get(errno) ?? `errno ${errno}`;
}

/** A system call that failed: `EADDRINUSE: bind 127.0.0.1:80`. Match on `code`. */
export class SystemError extends Error {
  readonly code: string;
  readonly errno: number;
  readonly syscall: string;
  /** The address, path or descriptor that the call was about. */
  readonly subject: string;

  constructor(errno: number, syscall: string, subject: string) {
    super(`${errnoName(errno)}: ${syscall} ${subject}`.trimEnd());
    this.name = "SystemError";
    this.code = errnoName(errno);
    this.errno = errno;
    this.syscall = syscall;
    this.subject = subject;
  }
}
