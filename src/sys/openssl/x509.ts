// Certificates, keys and stores of them, read from PEM in a BIO. Each new object is the caller's to free.

import { func } from "./bind.ts";

/** Of a CA or a chain. */
export const readPlainCertificate = func("long PEM_read_bio_X509(long, long, long, long)") as (
  bio: number,
  into: number,
  call: number,
  secret: number,
) => number;
export const readCrl = func("long PEM_read_bio_X509_CRL(long, long, long, long)") as (
  bio: number,
  into: number,
  call: number,
  secret: number,
) => number;
/** Without a callback `passphrase` is the secret itself. */
export const readPrivateKey = func(
  "long PEM_read_bio_PrivateKey(long, long, long, const char *)",
) as (bio: number, into: number, call: number, passphrase: string) => number;
export const certificateFree = func("void X509_free(long)") as (certificate: number) => void;
export const crlFree = func("void X509_CRL_free(long)") as (crl: number) => void;
export const keyFree = func("void EVP_PKEY_free(long)") as (key: number) => void;
export const storeNew = func("long X509_STORE_new()") as () => number;
export const storeFree = func("void X509_STORE_free(long)") as (store: number) => void;
export const storeAddCertificate = func("int X509_STORE_add_cert(long, long)") as (
  store: number,
  certificate: number,
) => number;
export const storeAddCrl = func("int X509_STORE_add_crl(long, long)") as (
  store: number,
  crl: number,
) => number;
export const storeSetFlags = func("int X509_STORE_set_flags(long, long)") as (
  store: number,
  flags: number,
) => number;
/** Not a reference of the caller. */
export const certificateSubject = func("long X509_get_subject_name(long)") as (
  certificate: number,
) => number;
export const printName = func("int X509_NAME_print_ex(long, long, int, long)") as (
  bio: number,
  name: number,
  indent: number,
  flags: number,
) => number;

export const X509_V_FLAG_CRL_CHECK = 0x4;
export const X509_V_FLAG_CRL_CHECK_ALL = 0x8;
/** An intermediate that is trusted suffices, as with every other system's stores. */
export const X509_V_FLAG_PARTIAL_CHAIN = 0x80000;
/** RFC 2253, but UTF-8 and control characters escaped. */
export const XN_FLAG_RFC2253 = 0x1110317;
