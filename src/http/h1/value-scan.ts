// Finds where a field's value ends, four bytes at a time: most of a long head are values, and most of
// their bytes are plain. Knows nothing of lines; what stands at the end is for the caller to judge.
import { inFieldValue } from "../characters.ts";

const highBits = 0x80808080 | 0;
const spaces = 0x20202020;
const ones = 0x01010101;

export class ValueScan {
  #bytes: Uint8Array;
  /** Of #bytes: as a rule all heads stand in one array, the reactor's. */
  #view: DataView;

  constructor() {
    this.#bytes = new Uint8Array(0);
    this.#view = new DataView(this.#bytes.buffer);
  }

  /** The first place from `at` on that is no byte of a value (RFC 9110 section 5.5); `limit`: there is none. */
  end(bytes: Uint8Array, at: number, limit: number): number {
    let place = at;
    if (bytes !== this.#bytes) this.#look(bytes);
    const view = this.#view;
    const last = limit - 4;
    while (place <= last) {
      const four = view.getInt32(place, true);
      // A high bit comes out where a byte is below space, DEL, or above ASCII: then one by one.
      if ((((four - spaces) | (four + ones) | four) & highBits) !== 0) break;
      place += 4;
    }
    while (place < limit && inFieldValue[bytes[place] as number] === 1) place++;
    return place;
  }

  #look(bytes: Uint8Array): void {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }
}
