// What is stapled with which certificate, from files and from responders. certificates.ts asks when it
// reads certificates, says which are in force, and is told when something else is to be stapled.
import type { Refusal } from "../../../config/reading.ts";
import type { CertificateMaterial } from "../../../config/tls-plan.ts";
import { FileResponses } from "./file-responses.ts";
import { Responses, type ResponsesOptions } from "./responses.ts";

export class Staples {
  readonly files: FileResponses;
  readonly fetched: Responses;

  /** `onChange`: current() gives another answer for some that are in force. */
  constructor(options: ResponsesOptions) {
    this.files = new FileResponses(options.log, options.nowMs, options.onChange);
    this.fetched = new Responses(options);
  }

  /** A certificate as it was read from its files, with what is to be stapled now; `warn`: why not. */
  staple(certificate: CertificateMaterial, warn: (why: Refusal) => void): CertificateMaterial {
    const { ocsp, ocspSource } = certificate;
    if (ocspSource?.kind === "file" && ocsp !== null) {
      const refusal = this.files.refusal(certificate, ocsp, ocspSource.file);
      if (refusal !== null) warn(refusal);
      if (refusal !== null) return { ...certificate, ocsp: null };
    }
    return this.current(certificate);
  }

  /** One that was stapled before, as it is to be now: the same object when nothing has changed. */
  current(certificate: CertificateMaterial): CertificateMaterial {
    const { ocsp, ocspSource } = certificate;
    if (ocspSource === null) return certificate;
    const now =
      ocspSource.kind === "responder"
        ? this.fetched.of(certificate)
        : ocsp !== null && this.files.isGood(ocsp)
          ? ocsp
          : null;
    return now === ocsp ? certificate : { ...certificate, ocsp: now };
  }

  /** These are in force, and no others. */
  follow(certificates: readonly CertificateMaterial[]): void {
    this.files.follow(certificates);
    this.fetched.follow(certificates);
  }

  /** Does what the clock says. Timers do it; public for tests with another clock. */
  look(): void {
    this.files.look();
    this.fetched.look();
  }

  close(): void {
    this.files.close();
    this.fetched.close();
  }
}
