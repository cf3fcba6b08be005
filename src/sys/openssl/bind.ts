// How OpenSSL is reached: the one inside the node binary, whose functions the binary exports. Only the
// files of this folder call this. Pointers are plain numbers, as in libc.ts; 0 is NULL.
import koffi from "koffi";

const library = koffi.load(null);

/** By declaration: a type is declared once in a thread. */
const types = new Map<string, ReturnType<typeof koffi.pointer>>();

/** A C function by its declaration; the caller says what it takes and gives. Throws when there is none. */
export function func(declaration: string): unknown {
  return library.func(declaration);
}

/**
 * A C pointer to a function of ours. It lives as long as this thread, is called on this thread only,
 * from inside a call that this thread makes, and must not throw.
 */
export function callback(declaration: string, call: (...args: number[]) => number): bigint {
  const type = types.get(declaration) ?? koffi.pointer(koffi.proto(declaration));
  types.set(declaration, type);
  return koffi.register(call, type);
}

/** Memory that is never freed, seen as bytes, at a fixed address. */
export function fixedBytes(length: number): { bytes: Buffer; address: number } {
  const pointer: unknown = koffi.alloc("uint8_t", length);
  return {
    bytes: Buffer.from(koffi.view(pointer, length)),
    address: Number(koffi.address(pointer)),
  };
}

/** Memory that somebody else has allocated. It must not be looked at once it is freed. */
export function viewMemory(address: number, length: number): ArrayBuffer {
  return koffi.view(address, length);
}

/** memcpy: to read and write where OpenSSL points to. */
export const copyMemory = func("long memcpy(long, long, long)") as (
  to: number,
  from: number,
  length: number,
) => number;
