// Names of header fields as numbers. The names that a proxy must understand have an id; every name
// has a hash of its lower-case form, so that looking for one compares numbers before bytes.
import { lowerCase } from "./characters.ts";

/** A name to look for, made once. */
export interface FieldName {
  /** Lower case. */
  readonly text: string;
  readonly bytes: Uint8Array;
  readonly hash: number;
  /** Of a known name its id; else 0. */
  readonly id: number;
}

/** One step of the hash, over a lower-case byte. Begins at 0. */
export function hashStep(hash: number, byte: number): number {
  return (Math.imul(hash, 31) + byte) | 0;
}

/** Names that codecs, rewrites and persistence know; the id is the place here, from 1. */
const knownNames = [
  "host",
  "connection",
  "content-length",
  "transfer-encoding",
  "te",
  "trailer",
  "upgrade",
  "expect",
  "keep-alive",
  "proxy-connection",
  "proxy-authenticate",
  "proxy-authorization",
  "cookie",
  "set-cookie",
  "x-forwarded-for",
  "x-forwarded-proto",
  "x-forwarded-host",
  "x-forwarded-port",
  "forwarded",
  "via",
  "location",
  "cache-control",
  "content-type",
  "www-authenticate",
  "retry-after",
  "date",
  "http2-settings",
] as const;
type KnownName = (typeof knownNames)[number];

function makeName(text: string, id: number): FieldName {
  const bytes = Uint8Array.from(Buffer.from(text.toLowerCase(), "latin1"));
  return { text: text.toLowerCase(), bytes, hash: bytes.reduce(hashStep, 0), id };
}

/** By name: `known.host`, `known["content-length"]`. */
export const known: Readonly<Record<KnownName, FieldName>> = Object.fromEntries(
  knownNames.map((text, i) => [text, makeName(text, i + 1)]),
) as Record<KnownName, FieldName>;

const slotMask = 255;
const slots: (FieldName | null)[] = Array.from({ length: slotMask + 1 }, () => null);
for (const name of Object.values(known)) {
  let slot = slotOf(name.hash);
  while (slots[slot] !== null) slot = (slot + 1) & slotMask;
  slots[slot] = name;
}

function slotOf(hash: number): number {
  return (hash ^ (hash >>> 8) ^ (hash >>> 16)) & slotMask;
}

/** The name to look for; any case. */
export function fieldName(text: string): FieldName {
  const lower = text.toLowerCase();
  return lower in known ? known[lower as KnownName] : makeName(lower, 0);
}

/** The id of the name at `bytes[start..end)`, whose lower-case hash is `hash`; 0: not known. */
export function knownId(bytes: Uint8Array, start: number, end: number, hash: number): number {
  for (let slot = slotOf(hash); ; slot = (slot + 1) & slotMask) {
    const name = slots[slot] as FieldName | null;
    if (name === null) return 0;
    if (name.hash === hash && sameName(name, bytes, start, end)) return name.id;
  }
}

/** Whether `bytes[start..end)` is this name, in any case. */
export function sameName(name: FieldName, bytes: Uint8Array, start: number, end: number): boolean {
  const wanted = name.bytes;
  if (end - start !== wanted.length) return false;
  for (let i = 0; i < wanted.length; i++) {
    if (lowerCase[bytes[start + i] as number] !== wanted[i]) return false;
  }
  return true;
}
