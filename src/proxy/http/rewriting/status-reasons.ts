// The phrase behind each status code, as the registry of RFC 9110 section 15 has it, for answers that
// are ours. It tells people; programs read the number.
import { STATUS_CODES } from "node:http";

/** Empty for a status that has none. */
export function reasonOf(status: number): string {
  return STATUS_CODES[status] ?? "";
}
