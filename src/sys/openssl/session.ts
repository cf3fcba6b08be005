// SSL objects: one for each connection that speaks TLS (ssl(7)). What its context says holds unless it
// is said otherwise here.

import { func } from "./bind.ts";

export const sslNew = func("long SSL_new(long)") as (context: number) => number;
export const sslFree = func("void SSL_free(long)") as (ssl: number) => void;
/** Takes one reference to each. */
export const sslSetBio = func("void SSL_set_bio(long, long, long)") as (
  ssl: number,
  reads: number,
  writes: number,
) => void;
export const sslSetAcceptState = func("void SSL_set_accept_state(long)") as (ssl: number) => void;
export const sslSetConnectState = func("void SSL_set_connect_state(long)") as (ssl: number) => void;
export const sslDoHandshake = func("int SSL_do_handshake(long)") as (ssl: number) => number;
export const sslRead = func("int SSL_read(long, long, int)") as (
  ssl: number,
  address: number,
  length: number,
) => number;
export const sslWrite = func("int SSL_write(long, long, int)") as (
  ssl: number,
  address: number,
  length: number,
) => number;
/** The same from an array of JavaScript. */
export const sslWriteBytes = func("int SSL_write(long, const uint8_t *, int)") as (
  ssl: number,
  bytes: Uint8Array,
  length: number,
) => number;
/** Decrypted and not read yet. */
export const sslPending = func("int SSL_pending(long)") as (ssl: number) => number;
export const sslShutdown = func("int SSL_shutdown(long)") as (ssl: number) => number;
export const sslSetShutdown = func("void SSL_set_shutdown(long, int)") as (
  ssl: number,
  mode: number,
) => void;
export const sslGetError = func("int SSL_get_error(long, int)") as (
  ssl: number,
  result: number,
) => number;
export const sslControl = func("long SSL_ctrl(long, int, long, long)") as (
  ssl: number,
  command: number,
  argument: number,
  pointer: number,
) => number;
export const sslControlText = func("long SSL_ctrl(long, int, long, const char *)") as (
  ssl: number,
  command: number,
  argument: number,
  text: string,
) => number;
/** Gives its reference to the caller; 0: none. */
export const sslGet1Session = func("long SSL_get1_session(long)") as (ssl: number) => number;
export const sslSetSession = func("int SSL_set_session(long, long)") as (
  ssl: number,
  session: number,
) => number;
export const sslSessionReused = func("int SSL_session_reused(long)") as (ssl: number) => number;
export const sessionFree = func("void SSL_SESSION_free(long)") as (session: number) => void;
export const sessionIsResumable = func("int SSL_SESSION_is_resumable(long)") as (
  session: number,
) => number;
/** The name that the peer's certificate must be for. */
export const sslSet1Host = func("int SSL_set1_host(long, const char *)") as (
  ssl: number,
  name: string,
) => number;
export const sslGet0Param = func("long SSL_get0_param(long)") as (ssl: number) => number;
export const verifyParamSet1Ip = func("int X509_VERIFY_PARAM_set1_ip_asc(long, const char *)") as (
  param: number,
  address: string,
) => number;
export const sslGetVerifyResult = func("long SSL_get_verify_result(long)") as (
  ssl: number,
) => number;
export const verifyErrorText = func("const char *X509_verify_cert_error_string(long)") as (
  result: number,
) => string;
export const sslGetCurrentCipher = func("long SSL_get_current_cipher(long)") as (
  ssl: number,
) => number;
export const cipherGetName = func("const char *SSL_CIPHER_get_name(long)") as (
  cipher: number,
) => string | null;
/** Gives its reference to the caller; 0: the peer has shown none. */
export const sslGet1PeerCertificate = func("long SSL_get1_peer_certificate(long)") as (
  ssl: number,
) => number;
/** `protocol` and `length` point to where the answer goes. */
export const sslGet0AlpnSelected = func("void SSL_get0_alpn_selected(long, long, long)") as (
  ssl: number,
  protocol: number,
  length: number,
) => void;

/** What SSL_get_error says. */
export const SSL_ERROR_WANT_READ = 2;
export const SSL_ERROR_ZERO_RETURN = 6;

/** Of sslSetShutdown: both sides have said that they have finished. */
export const SSL_SHUTDOWN_BOTH = 3;

const SSL_CTRL_SET_TLSEXT_HOSTNAME = 55;

/** Says in SNI which server is meant. */
export function setServerName(ssl: number, name: string): void {
  sslControlText(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, 0, name);
}

export const sslVersion = func("int SSL_version(long)") as (ssl: number) => number;
/** Our own, that this handshake shows; not a reference of the caller. */
export const sslCertificate = func("long SSL_get_certificate(long)") as (ssl: number) => number;
