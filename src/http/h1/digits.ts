// Writes numbers as digits. For the writers; the caller has seen to the room.

/** Of 2^53, decimal. */
export const digitsMax = 16;

/** `value`, a whole number up to 2^53, decimal. Gives where it ends. */
export function writeDecimal(value: number, out: Uint8Array, at: number): number {
  let length = 1;
  for (let rest = value; rest >= 10; rest = Math.floor(rest / 10)) length++;
  let rest = value;
  for (let i = at + length - 1; i >= at; i--) {
    const tens = Math.floor(rest / 10);
    out[i] = 0x30 + rest - tens * 10;
    rest = tens;
  }
  return at + length;
}

/** `value`, a whole number up to 2^53, hexadecimal. Gives where it ends. */
export function writeHex(value: number, out: Uint8Array, at: number): number {
  let length = 1;
  for (let rest = value; rest >= 16; rest = Math.floor(rest / 16)) length++;
  let rest = value;
  for (let i = at + length - 1; i >= at; i--) {
    const digit = rest % 16;
    out[i] = digit < 10 ? 0x30 + digit : 0x57 + digit;
    rest = Math.floor(rest / 16);
  }
  return at + length;
}
