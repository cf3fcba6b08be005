// The constants of a version 2 header (section 2.2), for the parser and the encoder.

/** A line of QUIT between line ends and a NUL: chosen to make other protocols hang up at once. */
export const signature: Uint8Array = Buffer.from("\r\n\r\n\0\r\nQUIT\n");

/** Signature, version and command, family and protocol, length. */
export const fixedBytes = 16;

/** Version in the high half, command in the low one. */
export const commandLocal = 0x20;
export const commandProxy = 0x21;

/** Address family in the high half, transport protocol in the low one (1: stream). */
export const familyUnspecified = 0x00;
export const familyTcp4 = 0x11;
export const familyTcp6 = 0x21;
export const familyUnix = 0x31;

/** sizeof(sun_path). */
export const unixPathBytes = 108;

/** Address blocks: source, destination, and for TCP source port and destination port. */
export const tcp4Bytes: number = 2 * 4 + 2 * 2;
export const tcp6Bytes: number = 2 * 16 + 2 * 2;
export const unixBytes: number = 2 * unixPathBytes;
