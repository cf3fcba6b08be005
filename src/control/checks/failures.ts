// Why a probe's connection has failed, in words for the log: the network's reasons, and those of TLS.
// connection.ts asks. Words only; whose certificate counts is not decided here.

/** A connection is no more. */
export interface Failure {
  /** Null: nothing about the server, because this process could not look. */
  readonly ok: false | null;
  readonly text: string;
}

const reasons: ReadonlyMap<string, string> = new Map([
  ["ECONNREFUSED", "connection refused"],
  ["ECONNRESET", "connection reset"],
  ["EPIPE", "connection reset"],
  ["EHOSTUNREACH", "host unreachable"],
  ["ENETUNREACH", "network unreachable"],
  ["ETIMEDOUT", "connection timed out"],
  ["ENOENT", "connection refused: no such socket"],
  ["EACCES", "permission denied"],
  ["ENOTFOUND", "the check's address does not resolve"],
  ["EAI_AGAIN", "the check's address does not resolve"],
]);

/** Codes that tell of this process, not of the server. */
const ownTroubles: ReadonlyMap<string, string> = new Map([
  ["EMFILE", "no descriptors left (ulimit -n)"],
  ["ENFILE", "no descriptors left on this machine"],
  ["ENOMEM", "no memory left"],
  ["ENOBUFS", "no socket memory left"],
  ["EADDRNOTAVAIL", "no local port left"],
]);

/** What OpenSSL makes of bytes that are no records, or no answer to a hello. */
const noTls: ReadonlySet<string> = new Set([
  "ERR_SSL_WRONG_VERSION_NUMBER",
  "ERR_SSL_PACKET_LENGTH_TOO_LONG",
  "ERR_SSL_UNEXPECTED_MESSAGE",
  "ERR_SSL_UNKNOWN_PROTOCOL",
]);

export function networkFailure({ code = "" }: NodeJS.ErrnoException): Failure {
  const own = ownTroubles.get(code);
  if (own !== undefined) return { ok: null, text: own };
  return { ok: false, text: reasons.get(code) ?? `connection failed: ${code}` };
}

/** Of a connection that stands and speaks TLS; `open`: the handshake is over. */
export function tlsFailure(error: NodeJS.ErrnoException, open: boolean): Failure {
  const { code = "", syscall, message } = error;
  if (syscall !== undefined) {
    const failure = networkFailure(error);
    return open || failure.ok === null ? failure : tls(`${failure.text} in the handshake`);
  }
  // Node's word for a FIN that comes before the handshake is over.
  if (code === "ECONNRESET") return tls("closed in the handshake");
  if (noTls.has(code) && !open) return tls("the server speaks no TLS");
  if (code.startsWith("ERR_SSL_")) return tls(reasonOf(error));
  // A verdict on the certificate. Newer versions of Node append an advice of their own.
  return tls(message.split(";", 1)[0] ?? "");
}

function tls(text: string): Failure {
  return { ok: false, text: `TLS: ${text}` };
}

/** OpenSSL's reason. Those that begin with a version are alerts: the server's word. */
function reasonOf(error: { code?: string; reason?: string }): string {
  const { code = "", reason = code } = error;
  const alert = /^(?:sslv3|tlsv1|tlsv13|ssl\/tls) (?:alert )?(.+)$/.exec(reason)?.[1];
  return alert === undefined ? reason : `the server refuses: ${alert}`;
}
