// SSL_CTX objects: what all connections of one kind have in common (SSL_CTX_new(3)). Most functions give
// 1 when they succeed, and leave their reason in the queue of error.ts when they do not.

import { func } from "./bind.ts";

export const tlsMethod = func("long TLS_method()") as () => number;
export const contextNew = func("long SSL_CTX_new(long)") as (method: number) => number;
export const contextFree = func("void SSL_CTX_free(long)") as (context: number) => void;
export const contextControl = func("long SSL_CTX_ctrl(long, int, long, long)") as (
  context: number,
  command: number,
  argument: number,
  pointer: number,
) => number;
export const contextControlText = func("long SSL_CTX_ctrl(long, int, long, const char *)") as (
  context: number,
  command: number,
  argument: number,
  text: string,
) => number;
export const contextCallbackControl = func("long SSL_CTX_callback_ctrl(long, int, long)") as (
  context: number,
  command: number,
  call: bigint,
) => number;
export const contextSetOptions = func("uint64 SSL_CTX_set_options(long, uint64)") as (
  context: number,
  options: number,
) => number;
export const contextSetCipherList = func("int SSL_CTX_set_cipher_list(long, const char *)") as (
  context: number,
  list: string,
) => number;
export const contextSetCiphersuites = func("int SSL_CTX_set_ciphersuites(long, const char *)") as (
  context: number,
  list: string,
) => number;
export const contextUseCertificate = func("int SSL_CTX_use_certificate(long, long)") as (
  context: number,
  certificate: number,
) => number;
export const contextUsePrivateKey = func("int SSL_CTX_use_PrivateKey(long, long)") as (
  context: number,
  key: number,
) => number;
/** `call`: 0, so that OpenSSL decides. */
export const contextSetVerify = func("void SSL_CTX_set_verify(long, int, long)") as (
  context: number,
  mode: number,
  call: number,
) => void;
/** Takes a reference. */
export const contextSetStore = func("void SSL_CTX_set1_cert_store(long, long)") as (
  context: number,
  store: number,
) => void;
export const contextAddClientCa = func("int SSL_CTX_add_client_CA(long, long)") as (
  context: number,
  certificate: number,
) => number;
export const contextSetSessionIdContext = func(
  "int SSL_CTX_set_session_id_context(long, const uint8_t *, uint)",
) as (context: number, bytes: Uint8Array, length: number) => number;
export const contextSetTimeout = func("long SSL_CTX_set_timeout(long, long)") as (
  context: number,
  seconds: number,
) => number;
/** Zero when it succeeds, unlike all others. */
export const contextSetAlpn = func("int SSL_CTX_set_alpn_protos(long, const uint8_t *, uint)") as (
  context: number,
  protocols: Uint8Array,
  length: number,
) => number;
export const contextSetAlpnSelect = func("void SSL_CTX_set_alpn_select_cb(long, long, long)") as (
  context: number,
  call: bigint,
  argument: number,
) => void;
export const contextSetTicketKeyCall = func(
  "int SSL_CTX_set_tlsext_ticket_key_evp_cb(long, long)",
) as (context: number, call: bigint) => number;
export const contextSetNumTickets = func("int SSL_CTX_set_num_tickets(long, long)") as (
  context: number,
  count: number,
) => number;
/** The certificate given last; not a reference of the caller. */
export const contextCertificate = func("long SSL_CTX_get0_certificate(long)") as (
  context: number,
) => number;
