// What a ticket's keys need of libcrypto: a cipher and a MAC that OpenSSL itself runs, and random bytes.

import { func } from "./bind.ts";

/** A cipher by its name, to be used again and again: one by EVP_aes_256_cbc() is looked up at each use. */
export const cipherFetch = func("long EVP_CIPHER_fetch(long, const char *, long)") as (
  library: number,
  name: string,
  properties: number,
) => number;
export const encryptInit = func("int EVP_EncryptInit_ex(long, long, long, long, long)") as (
  context: number,
  cipher: number,
  engine: number,
  key: number,
  iv: number,
) => number;
export const decryptInit = func("int EVP_DecryptInit_ex(long, long, long, long, long)") as (
  context: number,
  cipher: number,
  engine: number,
  key: number,
  iv: number,
) => number;
export const macSetParams = func("int EVP_MAC_CTX_set_params(long, long)") as (
  context: number,
  params: number,
) => number;
export const randomBytes = func("int RAND_bytes(long, int)") as (
  address: number,
  length: number,
) => number;
/** Memory that OpenSSL frees itself. */
export const cryptoMalloc = func("long CRYPTO_malloc(long, const char *, int)") as (
  length: number,
  file: string,
  line: number,
) => number;
