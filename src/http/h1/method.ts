// Which method a request line names. Case-sensitive, as RFC 9110 section 9.1 has it: `get` is another
// one.
import { Method, methodNames } from "../request-head.ts";

const spellings: readonly Uint8Array[] = methodNames.map((name) => Buffer.from(name, "latin1"));

/** Of bytes[start..end); `other` if it is none that anybody here treats in its own way. */
export function methodIn(bytes: Uint8Array, start: number, end: number): Method {
  for (let method = Method.get as number; method < spellings.length; method++) {
    const spelling = spellings[method] as Uint8Array;
    if (spelling.length !== end - start) continue;
    let i = 0;
    while (i < spelling.length && bytes[start + i] === spelling[i]) i++;
    if (i === spelling.length) return method as Method;
  }
  return Method.other;
}
