// Limits of what http mode keeps in memory, in bytes: between which values an operator may choose.
// The schema checks them, resolve reads the built-in defaults with them.

/** A request head with its fields, and the target in it. */
export const headBytesMin = 1024;
export const headBytesMax = 1_048_576;
export const headerCountMax = 1000;
export const uriBytesMin = 256;
/** A request body as a whole: any that can be counted exactly. */
export const bodyBytesMax = 1_099_511_627_776;
/** What of a request body is held, to be looked at or to be sent again. */
export const heldBytesMax = 67_108_864;
