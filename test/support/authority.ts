// A certificate authority for tests, by the openssl command (Debian's package `openssl`, 3.0 or
// newer). Everything it makes are files in the folder given; a certificate costs some 30 ms, an RSA
// key more, so a test file makes its authority once. Nothing here stays open.
import { execFileSync } from "node:child_process";
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { isIP } from "node:net";
import { join } from "node:path";

/** A certificate that was issued: PEM files. `cert` has the intermediates after it. */
export interface Issued {
  readonly cert: string;
  readonly key: string;
}

export interface Wanted {
  /** DNS names and IP addresses of subjectAltName; none by default. */
  readonly names?: readonly string[];
  /** The subject's common name; the first name by default. */
  readonly commonName?: string;
  /** P-256 by default. What `openssl req -newkey` takes is taken too, such as `rsa:1024`. */
  readonly key?: "ecdsa" | "rsa" | "ed25519" | (string & {});
  /** Validity: from an hour ago for 90 days by default. */
  readonly notBefore?: Date;
  readonly notAfter?: Date;
  readonly usage?: "server" | "client" | "ocsp";
  /** Where its status can be asked for, in the certificate; nowhere by default. */
  readonly responder?: string;
  /** Encrypts the key. */
  readonly passphrase?: string;
  /** The digest that signs it; sha256 by default. */
  readonly digest?: string;
  /** Its files are `STEM.pem` and `STEM.key`; numbered by default. */
  readonly stem?: string;
  /** Where they are put; the authority's folder by default. */
  readonly folder?: string;
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

export class Authority {
  /** The authority's certificate alone. */
  readonly certFile: string;
  readonly keyFile: string;
  readonly #folder: string;
  /** What follows the certificates it issues: itself and those above, without the root. */
  readonly #chain: string;
  #made: number;

  private constructor(folder: string, files: Issued, chain: string) {
    this.certFile = files.cert;
    this.keyFile = files.key;
    this.#folder = folder;
    this.#chain = chain;
    this.#made = 0;
    mkdirSync(join(folder, "copies"));
    writeFileSync(join(folder, "index.txt"), "");
    // unique_subject: a certificate may be issued again for the same name.
    writeFileSync(join(folder, "index.txt.attr"), "unique_subject = no\n");
    writeFileSync(join(folder, "crlnumber"), "01\n");
    writeFileSync(join(folder, "authority.cnf"), configuration(folder, files));
  }

  /** A root that signs itself, in `folder`, which is made when it is not there. */
  static create(folder: string, name = "Test Root"): Authority {
    mkdirSync(folder, { recursive: true });
    const files = { cert: join(folder, "ca.pem"), key: join(folder, "ca.key") };
    const usage = ["-addext", "keyUsage=critical,keyCertSign,cRLSign,digitalSignature"];
    openssl(
      ["req", "-x509", "-days", "3650", "-subj", `/CN=${name}`, ...usage, "-out", files.cert],
      newKey("ecdsa", files.key, ""),
    );
    return new Authority(folder, files, "");
  }

  /** A certificate and its key. */
  issue(wanted: Wanted): Issued {
    const stem = wanted.stem ?? `cert-${++this.#made}`;
    const usage = wanted.usage ?? "server";
    const lines = [
      "basicConstraints = critical,CA:false",
      "keyUsage = critical,digitalSignature",
      `extendedKeyUsage = ${usage === "ocsp" ? "OCSPSigning" : `${usage}Auth`}`,
      "authorityKeyIdentifier = keyid",
      "subjectKeyIdentifier = hash",
    ];
    if (wanted.responder !== undefined) {
      lines.push(`authorityInfoAccess = OCSP;URI:${wanted.responder}`);
    }
    const names = wanted.names ?? [];
    if (names.length > 0) {
      const entries = names.map((name) => `${isIP(name) > 0 ? "IP" : "DNS"}:${name}`);
      lines.push(`subjectAltName = ${entries.join(",")}`);
    }
    const files = this.#sign(wanted, stem, lines);
    appendFileSync(files.cert, this.#chain);
    return files;
  }

  /** An authority below this one, in a folder of its own. Dates and key as issue() takes them. */
  intermediate(name: string, wanted: Wanted = {}): Authority {
    const folder = join(this.#folder, name.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-"));
    mkdirSync(folder);
    const files = this.#sign({ commonName: name, folder, ...wanted }, "ca", [
      "basicConstraints = critical,CA:true",
      "keyUsage = critical,keyCertSign,cRLSign,digitalSignature",
      "authorityKeyIdentifier = keyid",
      "subjectKeyIdentifier = hash",
    ]);
    return new Authority(folder, files, readFileSync(files.cert, "utf8") + this.#chain);
  }

  /** Revokes what it has issued and gives a new CRL (PEM) with all that it has ever revoked. */
  crl(revoked: readonly Issued[] = []): string {
    for (const { cert } of revoked) this.#ca(["-revoke", cert]);
    const file = join(this.#folder, `crl-${++this.#made}.pem`);
    this.#ca(["-gencrl", "-crldays", "30", "-out", file]);
    return file;
  }

  /**
   * An OCSP response (DER, for 7 days) about what it has issued: good, or revoked after crl() has revoked
   * it. Signed by itself, or by somebody else; `more` is for `openssl ocsp`.
   */
  ocspResponse({ cert }: Issued, signer?: Issued, more: readonly string[] = []): string {
    const file = join(this.#folder, `response-${++this.#made}.der`);
    const about = [...this.#answering(signer), ...more, "-issuer", this.certFile, "-cert", cert];
    openssl(["ocsp", ...about, "-respout", file, "-noverify"]);
    return file;
  }

  /** The answer to an OCSP request (both in DER), by what it has issued and revoked until now. */
  ocspAnswer(question: Uint8Array): Buffer {
    const files = { question: this.#in("question.der"), answer: this.#in("answer.der") };
    writeFileSync(files.question, question);
    openssl(["ocsp", ...this.#answering(), "-reqin", files.question, "-respout", files.answer]);
    return readFileSync(files.answer);
  }

  #answering(signer: Issued = { cert: this.certFile, key: this.keyFile }): string[] {
    const who = ["-CA", this.certFile, "-rsigner", signer.cert, "-rkey", signer.key];
    return ["-index", this.#in("index.txt"), ...who, "-ndays", "7"];
  }

  #sign(wanted: Wanted, stem: string, extensions: readonly string[]): Issued {
    const folder = wanted.folder ?? this.#folder;
    mkdirSync(folder, { recursive: true });
    const files = { cert: join(folder, `${stem}.pem`), key: join(folder, `${stem}.key`) };
    const request = this.#in("request.csr");
    const extensionFile = this.#in("extensions.cnf");
    writeFileSync(extensionFile, `${extensions.join("\n")}\n`);
    const subject = `/CN=${wanted.commonName ?? wanted.names?.[0] ?? "nobody"}`;
    openssl(
      ["req", "-new", "-subj", subject, "-out", request],
      newKey(wanted.key ?? "ecdsa", files.key, wanted.passphrase ?? ""),
    );
    const nowMs = Date.now();
    const from =
      wanted.notBefore ?? new Date(Math.min(nowMs, +(wanted.notAfter ?? nowMs)) - hourMs);
    const until = wanted.notAfter ?? new Date(Math.max(nowMs, from.getTime()) + 90 * dayMs);
    const dates = ["-startdate", asn1Time(from), "-enddate", asn1Time(until)];
    const how = ["-md", wanted.digest ?? "sha256", "-extfile", extensionFile];
    this.#ca([...how, ...dates, "-in", request, "-out", files.cert]);
    return files;
  }

  #ca(words: readonly string[]): void {
    openssl(["ca", "-batch", "-notext", "-config", this.#in("authority.cnf"), ...words]);
  }

  #in(name: string): string {
    return join(this.#folder, name);
  }
}

function newKey(kind: string, file: string, passphrase: string): string[] {
  const algorithms: Record<string, string[]> = {
    ecdsa: ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"],
    rsa: ["-newkey", "rsa:2048"],
  };
  const lock = passphrase === "" ? ["-noenc"] : ["-passout", `pass:${passphrase}`];
  return [...(algorithms[kind] ?? ["-newkey", kind]), ...lock, "-keyout", file];
}

/** What `openssl ca` wants to know. */
function configuration(folder: string, { cert, key }: Issued): string {
  return `[ca]
default_ca = authority
[authority]
new_certs_dir = ${join(folder, "copies")}
database = ${join(folder, "index.txt")}
crlnumber = ${join(folder, "crlnumber")}
certificate = ${cert}
private_key = ${key}
default_md = sha256
rand_serial = yes
policy = any
[any]
commonName = supplied
`;
}

/** `20300131235959Z`. */
function asn1Time(date: Date): string {
  return `${date.toISOString().slice(0, 19).replaceAll(/[-:T]/g, "")}Z`;
}

function openssl(...words: string[][]): void {
  execFileSync("openssl", words.flat(), { stdio: ["ignore", "ignore", "pipe"] });
}
