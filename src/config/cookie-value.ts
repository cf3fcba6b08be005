// What stands for a server in a persistence cookie when the file does not say it. It must be the same
// in every process that reads the same names, and tell nothing of where the server is.
import { createHash } from "node:crypto";

/** Twelve hexadecimal digits: of a thousand servers two share one in one of 500 million cases. */
const digits = 12;

export function cookieValueOf(backend: string, server: string): string {
  return createHash("sha256").update(`${backend}\0${server}`).digest("hex").slice(0, digits);
}
