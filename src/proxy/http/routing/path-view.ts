// A path as routes see it. One resource can be written in many ways, and a rule such as "403 for
// /admin/*" must hold for all of them, or it is no rule. Paths that are written plainly are matched
// as sent; only those with `%`, `;`, `\`, `//`, `/.` or a byte beyond ASCII come here.
//
// - The canonical view is what RFC 3986 section 6.2.2 calls equivalent: percent-encoded unreserved
//   characters are decoded, other encodings have upper-case digits, bytes beyond ASCII are encoded.
// - The folded view is the most that servers are known to make of it beyond that: `%2F`, `\` and
//   `%5C` are slashes, several slashes one, parameters (`;v=1`) gone.
// - If the two lead to different routes the request is refused (400): some server would read a path
//   that another route was written for. So `/search/a%2Fb` passes as long as no route divides there.
// - Dot segments, in any disguise (`%2e`, `..;x`, `..%2f`), are refused. RFC 3986 section 5.2.4 has
//   clients remove them, browsers and curl do. To remove them here is no way out: servers remove them
//   before or after the rest, and `/pub/../admin//../pub/x` is `/pub/x` to one, `/admin/pub/x` to the other.
// - So is `%00`, at which some servers' strings end.
//
// The server still gets the path as sent (RFC 9110 section 7.7). Not covered, and for the server to
// settle: names without regard to case, and decoding twice or to `?` and `#`.
import { hexValue } from "../../../http/characters.ts";

export const slash = 0x2f;
export const dot = 0x2e;
const backslash = 0x5c;
const percent = 0x25;
const semicolon = 0x3b;

/** Of a path's byte: 0: means itself; 1: a slash; 2: look closely. */
export const pathShape: Uint8Array = Uint8Array.from({ length: 256 }, (_, code) => {
  if (code === slash) return 1;
  return code === percent || code === semicolon || code === backslash || code >= 0x80 ? 2 : 0;
});

/** RFC 3986 section 2.3. */
const unreserved: Uint8Array = Uint8Array.from({ length: 256 }, (_, code) =>
  /[A-Za-z0-9\-._~]/.test(String.fromCharCode(code)) ? 1 : 0,
);
const upperHex = Uint8Array.from(Buffer.from("0123456789ABCDEF"));

export class PathView {
  canonical: Uint8Array;
  canonicalLength: number;
  folded: Uint8Array;
  foldedLength: number;

  constructor() {
    this.canonical = new Uint8Array(4096);
    this.canonicalLength = 0;
    this.folded = new Uint8Array(4096);
    this.foldedLength = 0;
  }

  /** Makes both views of a path. False: it is refused. */
  read(bytes: Uint8Array, start: number, end: number): boolean {
    const longest = (end - start) * 3;
    if (longest > this.canonical.length) {
      this.canonical = new Uint8Array(longest);
      this.folded = new Uint8Array(longest);
    }
    return this.#canonicalise(bytes, start, end) && this.#fold();
  }

  /** The two are not the same. */
  isFolded(): boolean {
    if (this.canonicalLength !== this.foldedLength) return true;
    for (let i = 0; i < this.foldedLength; i++) {
      if (this.canonical[i] !== this.folded[i]) return true;
    }
    return false;
  }

  #canonicalise(bytes: Uint8Array, start: number, end: number): boolean {
    const to = this.canonical;
    let length = 0;
    for (let i = start; i < end; i++) {
      const byte = bytes[i] as number;
      let code = byte;
      if (byte === percent && i + 2 < end) {
        const high = hexValue[bytes[i + 1] as number] as number;
        const low = hexValue[bytes[i + 2] as number] as number;
        if ((high | low) !== 255) {
          code = (high << 4) | low;
          i += 2;
          if (code === 0) return false;
          if (unreserved[code] === 1) {
            to[length++] = code;
            continue;
          }
        } else {
          // No encoding: servers that take it at all take it literally.
          to[length++] = percent;
          continue;
        }
      } else if (byte < 0x80) {
        to[length++] = byte;
        continue;
      }
      to[length++] = percent;
      to[length++] = upperHex[code >> 4] as number;
      to[length++] = upperHex[code & 15] as number;
    }
    this.canonicalLength = length;
    return true;
  }

  #fold(): boolean {
    const from = this.canonical;
    const length = this.canonicalLength;
    const to = this.folded;
    let out = 0;
    let at = 0;
    while (at < length) {
      let separator = separatorAt(from, at, length);
      if (separator > 0) {
        if (out === 0 || to[out - 1] !== slash) to[out++] = slash;
        at += separator;
        continue;
      }
      const segment = out;
      let parameters = false;
      while (at < length && separator === 0) {
        parameters ||= from[at] === semicolon || isEncoded(from, at, length, 0x33, 0x42);
        if (!parameters) to[out++] = from[at] as number;
        at++;
        separator = separatorAt(from, at, length);
      }
      if (isDots(to, segment, out)) return false;
    }
    this.foldedLength = out;
    return true;
  }
}

/** Bytes of what servers take for a slash at `at`; 0: there is none. */
function separatorAt(bytes: Uint8Array, at: number, end: number): number {
  const byte = bytes[at];
  if (byte === slash || byte === backslash) return 1;
  if (byte !== percent) return 0;
  return isEncoded(bytes, at, end, 0x32, 0x46) || isEncoded(bytes, at, end, 0x35, 0x43) ? 3 : 0;
}

/** Whether `%` and these two upper-case digits stand at `at`. */
function isEncoded(bytes: Uint8Array, at: number, end: number, high: number, low: number): boolean {
  return bytes[at] === percent && at + 2 < end && bytes[at + 1] === high && bytes[at + 2] === low;
}

function isDots(bytes: Uint8Array, start: number, end: number): boolean {
  const length = end - start;
  if (length === 0 || length > 2 || bytes[start] !== dot) return false;
  return length === 1 || bytes[start + 1] === dot;
}

const ofPatterns = new PathView();

/** What a configured path is matched as; null: no request can have it, because it is refused. */
export function canonicalPath(text: string): { canonical: string; folded: string } | null {
  const bytes = Buffer.from(text);
  if (!ofPatterns.read(bytes, 0, bytes.length)) return null;
  return {
    canonical: ascii(ofPatterns.canonical, ofPatterns.canonicalLength),
    folded: ascii(ofPatterns.folded, ofPatterns.foldedLength),
  };
}

function ascii(bytes: Uint8Array, length: number): string {
  return Buffer.from(bytes.subarray(0, length)).toString("latin1");
}
