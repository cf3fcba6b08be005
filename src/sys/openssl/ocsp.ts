// OCSP (RFC 6960): questions about certificates, and what responders say. Each new object is the caller's
// to free, unless it says otherwise. For the control plane: no worker asks anybody.

import { func } from "./bind.ts";

/** What a CERTID's hashes are made with; not a reference of the caller. */
export const sha1 = func("long EVP_sha1()") as () => number;
export const sha256 = func("long EVP_sha256()") as () => number;
/** The names of a certificate and its issuer in OCSP, made with `digest`. */
export const certIdOf = func("long OCSP_cert_to_id(long, long, long)") as (
  digest: number,
  certificate: number,
  issuer: number,
) => number;
export const certIdFree = func("void OCSP_CERTID_free(long)") as (id: number) => void;

export const requestNew = func("long OCSP_REQUEST_new()") as () => number;
export const requestFree = func("void OCSP_REQUEST_free(long)") as (request: number) => void;
/** Takes `id`, which is freed with the request. 0: it has not. */
export const requestAddId = func("long OCSP_request_add0_id(long, long)") as (
  request: number,
  id: number,
) => number;

/** How requests and responses are written in DER (ASN1_item_d2i_bio(3)). */
export const requestForm = func("long OCSP_REQUEST_it()") as () => number;
export const responseForm = func("long OCSP_RESPONSE_it()") as () => number;
/** One object from a BIO; 0: there is none, or it is broken. */
export const readDer = func("long ASN1_item_d2i_bio(long, long, long)") as (
  form: number,
  bio: number,
  into: number,
) => number;
export const writeDer = func("int ASN1_item_i2d_bio(long, long, long)") as (
  form: number,
  bio: number,
  object: number,
) => number;

export const responseFree = func("void OCSP_RESPONSE_free(long)") as (response: number) => void;
export const responseStatus = func("int OCSP_response_status(long)") as (
  response: number,
) => number;
export const responseStatusText = func("const char *OCSP_response_status_str(long)") as (
  status: number,
) => string;
/** What is signed in it; 0: it is of a kind that OpenSSL does not know. */
export const basicOf = func("long OCSP_response_get1_basic(long)") as (response: number) => number;
export const basicFree = func("void OCSP_BASICRESP_free(long)") as (basic: number) => void;
/** `certificates`: more of them, to find the signer among. 1: the signature is good, and its maker may sign. */
export const basicVerify = func("int OCSP_basic_verify(long, long, long, ulong)") as (
  basic: number,
  certificates: number,
  store: number,
  flags: number,
) => number;
/** The place of the first answer about `id` after place `last` (-1: of all); less than 0: there is none. */
export const basicFind = func("int OCSP_resp_find(long, long, int)") as (
  basic: number,
  id: number,
  last: number,
) => number;
/** An answer by its place; 0: there is none. Not a reference of the caller. */
export const basicAnswer = func("long OCSP_resp_get0(long, int)") as (
  basic: number,
  place: number,
) => number;
/** Which certificate an answer is about; not a reference of the caller. */
export const answerId = func("long OCSP_SINGLERESP_get0_id(long)") as (answer: number) => number;
/** Writes pointers, which are the id's, where the arguments say; 0: nowhere. */
export const idInfo = func("int OCSP_id_get0_info(long, long, long, long, long)") as (
  nameHash: number,
  digest: number,
  keyHash: number,
  serial: number,
  id: number,
) => number;
/** Not a reference of the caller. */
export const certificateSerial = func("long X509_get_serialNumber(long)") as (
  certificate: number,
) => number;
/** 0: they are the same. */
export const integerCompare = func("int ASN1_INTEGER_cmp(long, long)") as (
  one: number,
  other: number,
) => number;
/** Its status. Writes `int` to `reason` and pointers to the times, which are the answer's, to the rest. */
export const answerStatus = func("int OCSP_single_get0_status(long, long, long, long, long)") as (
  answer: number,
  reason: number,
  revokedAt: number,
  thisUpdate: number,
  nextUpdate: number,
) => number;
export const revocationReasonText = func("const char *OCSP_crl_reason_str(long)") as (
  reason: number,
) => string;
/** Writes a `struct tm` to `into`, in UTC. 1: `time` is one. */
export const timeToTm = func("int ASN1_TIME_to_tm(long, long)") as (
  time: number,
  into: number,
) => number;

/** A list of pointers. Freeing it frees nothing that is in it. */
export const stackNew = func("long OPENSSL_sk_new_null()") as () => number;
export const stackPush = func("int OPENSSL_sk_push(long, long)") as (
  stack: number,
  item: number,
) => number;
export const stackFree = func("void OPENSSL_sk_free(long)") as (stack: number) => void;

export const OCSP_RESPONSE_STATUS_SUCCESSFUL = 0;
export const V_OCSP_CERTSTATUS_GOOD = 0;
export const V_OCSP_CERTSTATUS_REVOKED = 1;
/** Whoever the store trusts need not be marked as trusted for OCSP. */
export const OCSP_NOEXPLICIT = 0x20;
