// The receiving end of the PROXY protocol, both versions. A session calls this with everything
// that has arrived so far, again after each arrival, until the answer is not `incomplete`. It
// refuses at the first byte that rules a header out, so that a stray client need not wait for the
// time limit. It keeps nothing between calls and never throws.
import { incomplete, type ProxyHeader, refuse } from "./proxy-header.ts";
import { parseVersion1 } from "./version1.ts";
import { parseVersion2 } from "./version2.ts";

/**
 * Reads the header that must open `bytes[start..end)`. Answers the number of bytes it takes, which
 * is at most proxyHeaderBytesMax, with `header` filled; or `incomplete`; or `invalid` with
 * `header.problem` set. What follows the header is not looked at.
 */
export function parseProxyHeader(
  bytes: Uint8Array,
  start: number,
  end: number,
  header: ProxyHeader,
): number {
  header.version = 1;
  header.local = false;
  header.source = null;
  header.destination = null;
  header.problem = "";
  if (start >= end) return incomplete;
  if (bytes[start] === 0x50) return parseVersion1(bytes, start, end, header);
  if (bytes[start] === 0x0d) return parseVersion2(bytes, start, end, header);
  return refuse(header, "not a PROXY protocol header");
}
