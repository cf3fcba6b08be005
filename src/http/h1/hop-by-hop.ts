// Which fields a Connection field may name, so that they end here. RFC 9110 section 7.6.1 lets a
// client name any; but who names X-Forwarded-For or Cookie wants a server to decide without it, which
// is an attack and never a need. Those stay.
import { type FieldName, fieldName } from "../field-name.ts";
import type { ListCursor } from "./list.ts";

/** Meant for the server, whoever says what. */
const endToEnd: readonly FieldName[] = [
  "authorization",
  "proxy-authorization",
  "cookie",
  "set-cookie",
  "www-authenticate",
  "forwarded",
  "via",
  "cache-control",
  "pragma",
  "expires",
  "age",
  "vary",
  "etag",
  "location",
  "date",
  "expect",
  "range",
  "content-range",
  "content-type",
  "content-encoding",
  "content-language",
  "content-location",
  "max-forwards",
  "origin",
  "referer",
  "strict-transport-security",
  "content-security-policy",
  "access-control-allow-origin",
  "x-real-ip",
  "x-client-ip",
  "x-request-id",
  "x-frame-options",
  "true-client-ip",
].map(fieldName);

/** Whatever begins so says who the client is, or what it is allowed. */
const prefix: Uint8Array = fieldName("x-forwarded").bytes;

/** Whether the connection option in `list` may make a field of that name disappear. */
export function mayBeNamed(list: ListCursor): boolean {
  for (let i = 0; i < endToEnd.length; i++) {
    if (list.is(endToEnd[i] as FieldName)) return false;
  }
  return !list.beginsWith(prefix);
}
