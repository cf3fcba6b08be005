// Test data that is cheap to make at any size and different everywhere, and checksums of it.
import { createCipheriv, createHash } from "node:crypto";

/** `length` bytes that look random and are the same for the same `seed`. */
export function payload(length: number, seed = 1): Buffer {
  const key = Buffer.alloc(16);
  key.writeUInt32LE(seed);
  return createCipheriv("aes-128-ctr", key, Buffer.alloc(16)).update(Buffer.alloc(length));
}

/** In hexadecimal. */
export function sha256(data: string | Uint8Array): string {
  return createHash("sha256").update(data).digest("hex");
}
