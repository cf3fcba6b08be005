// The store of what binds and servers need for TLS: reads it for a plan, watches the files of what is
// in force, tells of new material and of certificates that expire. The supervisor calls load() before
// any worker hears of a plan and keep() once all have taken it. It never writes a file.
import { isDeepStrictEqual } from "node:util";
import type { CertificateOptions } from "../../config/certificates/certificates.ts";
import { KnownPairs } from "../../config/certificates/known-pairs.ts";
import type { Refusal } from "../../config/reading.ts";
import type { CertificateMaterial } from "../../config/tls-plan.ts";
import type { Log } from "../log.ts";
import { changesOf, listed } from "./changes.ts";
import { Entry, type Pace, usualPace } from "./entry.ts";
import { Expiry } from "./expiry.ts";
import { FileWatch } from "./file-watch.ts";
import { type ListedCertificate, listingOf } from "./listing.ts";
import { Loaded } from "./loaded.ts";
import { MaterialReader } from "./material-reader.ts";
import { type OcspPace, usualOcspPace } from "./ocsp/pace.ts";
import { Staples } from "./ocsp/staples.ts";
import { Prints } from "./prints.ts";
import {
  type Found,
  pathsOf,
  type TlsBind,
  type TlsChange,
  type TlsServer,
  type Wanted,
} from "./wanted.ts";

export interface CertificatesOptions {
  readonly log: Log;
  /** New material for what is in force. Must not throw. */
  readonly onChange: (change: TlsChange) => void;
  /** The time since 1970; another one in tests. */
  readonly nowMs?: () => number;
  /** Others in tests. */
  readonly pace?: Pace;
  readonly ocspPace?: OcspPace;
}

/** A plan's files cannot be used: a sentence for each mistake. */
export interface NotLoaded {
  readonly ok: false;
  readonly problems: readonly string[];
}

export class Certificates {
  readonly #log: Log;
  readonly #onChange: (change: TlsChange) => void;
  readonly #nowMs: () => number;
  readonly #pace: Pace;
  readonly #known: KnownPairs;
  readonly #watch: FileWatch;
  readonly #expiry: Expiry;
  readonly #staples: Staples;
  #inForce: Loaded;
  #closed: boolean;

  constructor({
    log,
    onChange,
    nowMs = Date.now,
    pace = usualPace,
    ocspPace = usualOcspPace,
  }: CertificatesOptions) {
    this.#log = log;
    this.#onChange = onChange;
    this.#nowMs = nowMs;
    this.#pace = pace;
    this.#known = new KnownPairs();
    this.#watch = new FileWatch(pace, (due, ms) => this.#reread(due, ms));
    this.#expiry = new Expiry(log, nowMs);
    const restaple = (): void => this.#restaple();
    this.#staples = new Staples({ log, nowMs, pace: ocspPace, onChange: restaple });
    this.#inForce = new Loaded([]);
    this.#closed = false;
  }

  /** What keep() has brought into force, as it is now: a new worker takes it from here. */
  get inForce(): Loaded {
    return this.#inForce;
  }

  /**
   * Reads everything for a plan, synchronously. What is in force stays so: this may still be refused,
   * for another reason. Of each kind, keys must be unique.
   */
  load(binds: readonly TlsBind[], servers: readonly TlsServer[]): Loaded | NotLoaded {
    const all: Wanted[] = [
      ...binds.map(({ key, tls }) => ({ kind: "bind" as const, key, tls })),
      ...servers.map(({ key, tls }) => ({ kind: "server" as const, key, tls })),
    ];
    const warnings = new Set<string>();
    // What a certificate lacks for `ocsp: fetch` was told with its line when the configuration was read.
    const reader = this.#reader(warnings, {});
    const prints = new Prints();
    const entries: Entry[] = [];
    const mistakes = new Map<string, string[]>();
    for (const wanted of all) {
      // Before the reading: what changes after this moment is seen by keep().
      prints.of(pathsOf(wanted, ""));
      const reading = reader.read(wanted);
      if (reading.ok) {
        const paths = pathsOf(wanted, reading.value.roots);
        entries.push(new Entry(wanted, reading.value, prints.of(paths)));
      } else note(mistakes, sentences(reading), wanted.key);
    }
    if (mistakes.size === 0) return new Loaded(entries, [...warnings]);
    const problems = Array.from(mistakes, ([text, keys]) => `${keys.join(", ")}: ${text}`);
    return { ok: false, problems };
  }

  /** This is in force: from now on its files are watched, and no others. */
  keep(loaded: Loaded): void {
    if (this.#closed) return;
    this.#inForce = loaded;
    this.#retain();
    // Since it was loaded, responses may have come.
    this.#restaple();
    this.#watch.follow(loaded.entries);
  }

  /** The certificates in force by file, without keys. */
  list(): readonly ListedCertificate[] {
    return listingOf(this.#inForce);
  }

  /** Does what the clock says. Timers do it; public for tests with another clock. */
  look(): void {
    this.#staples.look();
  }

  /** Watches nothing any more. What is in force stays to be asked for. */
  close(): void {
    this.#closed = true;
    this.#watch.close();
    this.#expiry.close();
    this.#staples.close();
  }

  #reader(warnings: Set<string>, more: Partial<CertificateOptions>): MaterialReader {
    const inUse = new Map(this.#inForce.certificates.map(({ file, cert }) => [file, cert]));
    const options = {
      nowMs: this.#nowMs(),
      known: this.#known,
      isInUse: ({ file, cert }: CertificateMaterial) => isDeepStrictEqual(inUse.get(file), cert),
      ...more,
    };
    return new MaterialReader(options, this.#staples, (why) => warnings.add(sentences(why)));
  }

  #retain(): void {
    const certificates: readonly CertificateMaterial[] = this.#inForce.certificates;
    this.#known.retain(new Set(certificates.map(({ file }) => file)));
    this.#expiry.follow(certificates);
    this.#staples.follow(certificates);
  }

  /** OCSP responses have come or run out: who has their certificates is given what is stapled now. */
  #restaple(): void {
    const now = new Map<CertificateMaterial, CertificateMaterial>();
    for (const one of this.#inForce.certificates) now.set(one, this.#staples.current(one));
    const changed = this.#inForce.entries.filter(({ found }) =>
      found.certificates.some((one) => now.get(one) !== one),
    );
    for (const entry of changed) {
      const certificates = entry.found.certificates.map((one) => now.get(one) ?? one);
      this.#inForce.take(entry, withCertificates(entry.found, certificates));
    }
    if (changed.length === 0) return;
    this.#retain();
    for (const { wanted, found } of changed) this.#onChange(changeOf(wanted.key, found));
  }

  /** The files of these have changed, and stand still. */
  #reread(due: readonly Entry[], atMs: number): void {
    const warnings = new Set<string>();
    const reader = this.#reader(warnings, { warn: (why) => warnings.add(sentences(why)) });
    const changed: Entry[] = [];
    const phrases = new Set<string>();
    const mistakes = new Map<string, string[]>();
    const mended: string[] = [];
    for (const entry of due) {
      const { wanted, found, complained } = entry;
      const reading = reader.read(wanted);
      if (!reading.ok) {
        if (entry.fail(atMs, this.#pace)) note(mistakes, complaint(reading), wanted.key);
        else this.#log.debug({ for: wanted.key }, `${reading.message}; waiting for the rest`);
        continue;
      }
      entry.settle();
      this.#inForce.take(entry, reading.value);
      if (!isDeepStrictEqual(found.material, reading.value.material)) {
        changed.push(entry);
        for (const phrase of changesOf(wanted, found, reading.value)) phrases.add(phrase);
      } else if (complained) mended.push(wanted.key);
    }
    for (const [text, keys] of mistakes) this.#log.warn({ for: keys }, text);
    for (const text of warnings) this.#log.warn(text);
    if (mended.length > 0) {
      const text = "TLS files are as they were again: what is in use has not changed";
      this.#log.info({ for: mended }, text);
    }
    if (changed.length === 0) return;
    const keys = changed.map(({ wanted }) => wanted.key);
    this.#log.info({ for: keys }, `new TLS files are in use: ${listed([...phrases])}`);
    this.#retain();
    for (const { wanted, found } of changed) this.#onChange(changeOf(wanted.key, found));
  }
}

function changeOf(key: string, found: Found): TlsChange {
  // The compiler does not see that both are alike.
  if (found.kind === "bind") return { kind: "bind", key, material: found.material };
  return { kind: "server", key, material: found.material };
}

/** Of the certificates of servers nothing is stapled, so nothing of theirs changes here. */
function withCertificates(found: Found, certificates: readonly CertificateMaterial[]): Found {
  if (found.kind === "server") return found;
  return { ...found, certificates, material: { ...found.material, certificates } };
}

function sentences({ message, hint }: Refusal): string {
  return `${message}. ${hint}`;
}

function complaint({ message, hint }: Refusal): string {
  return `${message}; the old one stays in use. ${hint}`;
}

function note(texts: Map<string, string[]>, text: string, key: string): void {
  const keys = texts.get(text) ?? [];
  texts.set(text, keys);
  keys.push(key);
}
