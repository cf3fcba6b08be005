// `HTTP/1.1`, spelled exactly so, on both kinds of start lines. A higher minor version means 1.1 to us
// (RFC 9110 section 2.5); another major one is another protocol.
import { Fault } from "./fault.ts";

export const versionLength = 8;

const name = Buffer.from("HTTP/", "latin1");
const prefaceMethod = Buffer.from("PRI", "latin1");

/** The minor version, 0 or 1, of bytes[at..at + 8), all of which are there; a fault: negative. */
export function minorVersion(bytes: Uint8Array, at: number): number {
  for (let i = 0; i < name.length; i++) {
    if (bytes[at + i] !== name[i]) return -Fault.version;
  }
  const major = (bytes[at + 5] as number) - 0x30;
  const minor = (bytes[at + 7] as number) - 0x30;
  if (major < 0 || major > 9 || bytes[at + 6] !== 0x2e || minor < 0 || minor > 9) {
    return -Fault.version;
  }
  if (major !== 1) return -Fault.versionUnsupported;
  return minor === 0 ? 0 : 1;
}

/** Whether bytes[at..end) may still become a version: what is there of it is right. */
export function beginsVersion(bytes: Uint8Array, at: number, end: number): boolean {
  const stop = Math.min(end, at + name.length);
  for (let i = at; i < stop; i++) {
    if (bytes[i] !== name[i - at]) return false;
  }
  return true;
}

/** Whether bytes[start..end) is the method of `PRI * HTTP/2.0` (RFC 9113 section 3.4). */
export function isPreface(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start !== prefaceMethod.length) return false;
  return prefaceMethod.every((byte, i) => bytes[start + i] === byte);
}
