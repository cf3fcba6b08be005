// Limits that more than one part needs. Limits of one part alone stand at the head of its file;
// docs/architecture.md lists them all. Every layer may import this file; it imports nothing.

/** Connections that may wait to be accepted; the kernel caps it at net.core.somaxconn. */
export const listenBacklog = 4096;
