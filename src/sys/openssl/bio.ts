// Memory BIOs: what OpenSSL reads from and writes to (BIO_s_mem(3)). Those for records are in record-bios.ts.

import { func } from "./bind.ts";

export const bioNew = func("long BIO_new(long)") as (method: number) => number;
export const bioMemory = func("long BIO_s_mem()") as () => number;
export const bioFree = func("int BIO_free(long)") as (bio: number) => number;
export const bioUpRef = func("int BIO_up_ref(long)") as (bio: number) => number;
/** A BIO to read `length` bytes at `address` from, without a copy. */
export const bioOver = func("long BIO_new_mem_buf(long, int)") as (
  address: number,
  length: number,
) => number;
export const bioOverBytes = func("long BIO_new_mem_buf(const uint8_t *, int)") as (
  bytes: Uint8Array,
  length: number,
) => number;
export const bioWrite = func("int BIO_write(long, long, int)") as (
  bio: number,
  address: number,
  length: number,
) => number;
/** How many bytes; 0 or less: it is empty. */
export const bioRead = func("int BIO_read(long, long, int)") as (
  bio: number,
  address: number,
  length: number,
) => number;
export const bioReadBytes = func("int BIO_read(long, _Out_ uint8_t *, int)") as (
  bio: number,
  bytes: Uint8Array,
  length: number,
) => number;
export const bioSetFlags = func("void BIO_set_flags(long, int)") as (
  bio: number,
  flags: number,
) => void;
export const bioControl = func("long BIO_ctrl(long, int, long, long)") as (
  bio: number,
  command: number,
  argument: number,
  pointer: number,
) => number;

const BIO_CTRL_PENDING = 10;

/** Bytes that wait in it. */
export function bioPending(bio: number): number {
  return bioControl(bio, BIO_CTRL_PENDING, 0, 0);
}
