// Fields that no trailer may bring (RFC 9110 section 6.5.1): what frames or routes a message, says who
// sent it, or tells how to read it. A server that merges trailers with the head would believe them.
import { fieldName, hashStep } from "../field-name.ts";

const refused = [
  "content-length",
  "transfer-encoding",
  "host",
  "connection",
  "keep-alive",
  "proxy-connection",
  "te",
  "trailer",
  "upgrade",
  "expect",
  "max-forwards",
  "cache-control",
  "pragma",
  "authorization",
  "proxy-authorization",
  "proxy-authenticate",
  "www-authenticate",
  "cookie",
  "set-cookie",
  "location",
  "age",
  "vary",
  "date",
  "expires",
  "retry-after",
  "range",
  "if-match",
  "if-none-match",
  "if-modified-since",
  "if-unmodified-since",
  "if-range",
  "content-encoding",
  "content-type",
  "content-range",
  "forwarded",
  "via",
  "x-real-ip",
  "x-client-ip",
  "true-client-ip",
  "http2-settings",
].map(fieldName);

const hashes: ReadonlySet<number> = new Set(refused.map(({ hash }) => hash));

/** All names that begin so. */
const prefix = "x-forwarded";
export const refusedPrefixLength: number = prefix.length;
export const refusedPrefixHash: number = Buffer.from(prefix, "latin1").reduce(hashStep, 0);

/**
 * Whether a name with this hash is refused. The bytes of the name may be gone when it ends, so the
 * hash has to do: one name in a hundred million is refused without need.
 */
export function isRefusedTrailer(hash: number): boolean {
  return hashes.has(hash);
}
