// A certificate that is asked about, with its issuer, as OpenSSL's objects: they make the question, and
// find the answer about it. judging.ts and responses.ts use it, for one call each.
import { bioFree, bioMemory, bioNew, bioPending, bioReadBytes } from "../../../sys/openssl/bio.ts";
import { fixedBytes } from "../../../sys/openssl/bind.ts";
import {
  answerId,
  basicAnswer,
  basicFind,
  certificateSerial,
  certIdFree,
  certIdOf,
  idInfo,
  integerCompare,
  requestAddId,
  requestForm,
  requestFree,
  requestNew,
  sha1,
  sha256,
  writeDer,
} from "../../../sys/openssl/ocsp.ts";
import { certificateFree } from "../../../sys/openssl/x509.ts";
import { certificatesOf, TlsError } from "../../../tls/pem.ts";

/** Where OpenSSL writes a pointer. */
let cell: { readonly bytes: Buffer; readonly address: number } | null = null;

export class Subject {
  /** 0: it is not known. */
  readonly issuer: number;
  readonly #certificates: readonly number[];

  /** `chain`: PEM, the certificate and then its issuer. free() must be called. Throws TlsError. */
  constructor(chain: Uint8Array) {
    this.#certificates = certificatesOf(chain);
    this.issuer = this.#certificates[1] ?? 0;
  }

  /** In DER. Without a nonce: a response must be good for many clients (RFC 5019 section 4). */
  request(): Uint8Array {
    const request = requestNew();
    try {
      const id = this.#id(sha1());
      if (requestAddId(request, id) === 0) {
        certIdFree(id);
        throw new TlsError("OpenSSL makes no OCSP request");
      }
      return derOf(requestForm(), request);
    } finally {
      requestFree(request);
    }
  }

  /** The answer about it in a response; 0: there is none. Without an issuer only the serial number counts. */
  answerIn(basic: number): number {
    if (this.issuer === 0) return this.#answerBySerial(basic);
    // Either of the digests that responders use.
    for (const digest of [sha1(), sha256()]) {
      const id = this.#id(digest);
      const place = basicFind(basic, id, -1);
      certIdFree(id);
      if (place >= 0) return basicAnswer(basic, place);
    }
    return 0;
  }

  #answerBySerial(basic: number): number {
    const serial = certificateSerial(this.#certificates[0] as number);
    cell ??= fixedBytes(8);
    for (let place = 0; ; place++) {
      const answer = basicAnswer(basic, place);
      if (answer === 0) return 0;
      idInfo(0, 0, 0, cell.address, answerId(answer));
      if (integerCompare(serial, Number(cell.bytes.readBigUInt64LE(0))) === 0) return answer;
    }
  }

  free(): void {
    for (const certificate of this.#certificates) certificateFree(certificate);
  }

  #id(digest: number): number {
    const id = certIdOf(digest, this.#certificates[0] as number, this.issuer);
    if (id === 0) throw new TlsError("OpenSSL has no name for the certificate");
    return id;
  }
}

/** The question about the first certificate of `chain` (PEM), in DER. Throws TlsError. */
export function requestAbout(chain: Uint8Array): Uint8Array {
  const subject = new Subject(chain);
  try {
    return subject.request();
  } finally {
    subject.free();
  }
}

function derOf(form: number, object: number): Uint8Array {
  const bio = bioNew(bioMemory());
  try {
    if (writeDer(form, bio, object) !== 1) throw new TlsError("OpenSSL makes no OCSP request");
    const bytes = new Uint8Array(bioPending(bio));
    bioReadBytes(bio, bytes, bytes.length);
    return bytes;
  } finally {
    bioFree(bio);
  }
}
