// Sessions as bytes (d2i_SSL_SESSION(3)), and the calls by which OpenSSL asks for them and gives them away
// (SSL_CTX_sess_set_get_cb(3)).

import { func } from "./bind.ts";

/** How many bytes, or 0; written where `place` points to, unless `place` is 0. */
export const sessionToBytes = func("int i2d_SSL_SESSION(long, long)") as (
  session: number,
  place: number,
) => number;
/** Of the bytes that `place` points to: a session of the caller's; 0: they are none. */
export const sessionFromBytes = func("long d2i_SSL_SESSION(long, long, long)") as (
  reuse: number,
  place: number,
  length: number,
) => number;
/** Where its id is; its length goes to `length`. */
export const sessionId = func("long SSL_SESSION_get_id(long, long)") as (
  session: number,
  length: number,
) => number;
export const sslContext = func("long SSL_get_SSL_CTX(long)") as (ssl: number) => number;
export const contextOnNewSession = func("void SSL_CTX_sess_set_new_cb(long, long)") as (
  context: number,
  call: bigint,
) => void;
export const contextOnGetSession = func("void SSL_CTX_sess_set_get_cb(long, long)") as (
  context: number,
  call: bigint,
) => void;
export const contextOnRemoveSession = func("void SSL_CTX_sess_set_remove_cb(long, long)") as (
  context: number,
  call: bigint,
) => void;

/** Of SSL_CTRL_SET_SESS_CACHE_MODE: OpenSSL keeps none. */
export const SSL_SESS_CACHE_OFF = 0;
/** Servers' are kept, and only by who is called. */
export const SSL_SESS_CACHE_EXTERNAL: number = 0x2 | 0x80 | 0x100 | 0x200;
