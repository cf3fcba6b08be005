// Reads what binds and servers need, in one go: what several name is read once, and is the same array
// for all. certificates.ts makes one for each reading.
import {
  type CertificateOptions,
  readCertificates,
  readClientCertificate,
} from "../../config/certificates/certificates.ts";
import { readCaFile, readCrlFile } from "../../config/certificates/authority-files.ts";
import { accept, type Reading, type Refusal } from "../../config/reading.ts";
import type { BindTlsPlan, CertificateMaterial, ServerTlsPlan } from "../../config/tls-plan.ts";
import type { Staples } from "./ocsp/staples.ts";
import { systemRoots } from "./system-roots.ts";
import type { Found, Wanted } from "./wanted.ts";

const nothing: Reading<null> = accept(null);

export class MaterialReader {
  readonly #options: CertificateOptions;
  readonly #staples: Staples;
  readonly #warn: (warning: Refusal) => void;
  /** By what was to be read. */
  readonly #read: Map<string, Reading<unknown>>;

  /** `warn` is told why a response that was read is not stapled. */
  constructor(options: CertificateOptions, staples: Staples, warn: (warning: Refusal) => void) {
    this.#options = options;
    this.#staples = staples;
    this.#warn = warn;
    this.#read = new Map();
  }

  read(wanted: Wanted): Reading<Found> {
    return wanted.kind === "bind" ? this.#bind(wanted.tls) : this.#server(wanted.tls);
  }

  #bind({ certificates: sources, clientAuth }: BindTlsPlan): Reading<Found> {
    const certificates: CertificateMaterial[] = [];
    for (const source of sources) {
      const read = this.#once(`certificates ${JSON.stringify(source)}`, () =>
        this.#stapled(readCertificates(source, this.#options)),
      );
      if (!read.ok) return read;
      certificates.push(...read.value);
    }
    const clientCa = this.#ca(clientAuth?.ca ?? null);
    if (!clientCa.ok) return clientCa;
    const crl = this.#crl(clientAuth?.crl ?? null);
    if (!crl.ok) return crl;
    const material = { certificates, clientCa: clientCa.value, crl: crl.value };
    return accept({ kind: "bind", material, certificates, roots: "" });
  }

  #stapled(read: Reading<CertificateMaterial[]>): Reading<CertificateMaterial[]> {
    return read.ok ? accept(read.value.map((one) => this.#staples.staple(one, this.#warn))) : read;
  }

  #server(tls: ServerTlsPlan): Reading<Found> {
    const roots = this.#roots(tls);
    if (!roots.ok) return roots;
    const ca = this.#ca(tls.verify ? tls.ca : null);
    if (!ca.ok) return ca;
    const own = this.#own(tls);
    if (!own.ok) return own;
    const { cert = null, key = null, passphrase = "" } = own.value ?? {};
    return accept({
      kind: "server",
      material: { ca: ca.value ?? roots.value?.pem ?? null, cert, key, passphrase },
      certificates: own.value === null ? [] : [own.value],
      roots: roots.value?.source ?? "",
    });
  }

  #own({ cert, key, passphrase }: ServerTlsPlan): Reading<CertificateMaterial | null> {
    if (cert === null) return nothing;
    const files = { cert, key: key ?? cert, passphrase };
    return this.#once(`own ${JSON.stringify(files)}`, () =>
      readClientCertificate(files, this.#options),
    );
  }

  #ca(file: string | null): Reading<Uint8Array | null> {
    return file === null ? nothing : this.#once(`ca ${file}`, () => readCaFile(file));
  }

  #crl(file: string | null): Reading<Uint8Array | null> {
    return file === null ? nothing : this.#once(`crl ${file}`, () => readCrlFile(file));
  }

  #roots({ verify, ca }: ServerTlsPlan): ReturnType<typeof systemRoots> | typeof nothing {
    return verify && ca === null ? this.#once("roots", () => systemRoots()) : nothing;
  }

  #once<T>(what: string, read: () => Reading<T>): Reading<T> {
    const known = this.#read.get(what) ?? read();
    this.#read.set(what, known);
    return known as Reading<T>;
  }
}
