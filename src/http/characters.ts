// What each byte may be in an HTTP message, as tables: one look instead of comparisons. RFC 9110
// section 5.6.2 (token), section 5.5 (field values). Everything that reads heads uses them.

function table(of: (code: number) => number): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, code) => of(code));
}

const tokenPunctuation = new Set(Array.from("!#$%&'*+-.^_`|~", (char) => char.charCodeAt(0)));

function isAlphanumeric(code: number): boolean {
  const letter = code | 0x20;
  return (code >= 0x30 && code <= 0x39) || (letter >= 0x61 && letter <= 0x7a);
}

/** A byte in lower case: only A to Z change. */
export const lowerCase: Uint8Array = table((code) =>
  code >= 0x41 && code <= 0x5a ? code | 0x20 : code,
);

/** A token's byte in lower case; 0: it is none. */
export const tokenLower: Uint8Array = table((code) =>
  code < 0x80 && (isAlphanumeric(code) || tokenPunctuation.has(code))
    ? (lowerCase[code] as number)
    : 0,
);

/** 1: may stand in a field's value: visible ASCII, space, tab, and what lies beyond ASCII. */
export const inFieldValue: Uint8Array = table((code) =>
  code === 0x09 || (code >= 0x20 && code !== 0x7f) ? 1 : 0,
);

/** A hexadecimal digit's value; 255: it is none. */
export const hexValue: Uint8Array = table((code) => {
  const digit = Number.parseInt(String.fromCharCode(code), 16);
  return Number.isNaN(digit) ? 255 : digit;
});

/**
 * Of a request target: 1: may stand there; 2: the question mark, too; 0: not. Visible ASCII without
 * the fragment's `#`, which is never sent (RFC 9112 section 3.2).
 */
export const inTarget: Uint8Array = table((code) => {
  if (code <= 0x20 || code >= 0x7f || code === 0x23) return 0;
  return code === 0x3f ? 2 : 1;
});

const hostPunctuation = new Set(Array.from("-._~!$&'()*+;=", (char) => char.charCodeAt(0)));

/**
 * 1: may stand in a host's name. RFC 3986's reg-name without percent and comma: nobody's name has
 * them, and they can be read in two ways (decoded or not; one host or a list).
 */
export const inHost: Uint8Array = table((code) =>
  code < 0x80 && (isAlphanumeric(code) || hostPunctuation.has(code)) ? 1 : 0,
);

/** 1: may stand in an address in brackets: hexadecimal digits, colons, dots. */
export const inAddress: Uint8Array = table((code) =>
  hexValue[code] !== 255 || code === 0x3a || code === 0x2e ? 1 : 0,
);
