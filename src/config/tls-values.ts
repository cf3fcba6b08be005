// The leaves of `tls`: files, versions of the protocol, lists of ciphers and curves, names of protocols.
// The schema files of TLS put them together; what OpenSSL makes of ciphers and curves is asked elsewhere.
import type { z } from "zod";
import { notOneOf } from "./choice.ts";
import { textOf } from "./http-values.ts";
import { leaf } from "./leaf.ts";
import { accept, quoted, type Reading, reject, shown } from "./reading.ts";
import { nearest } from "./suggestion.ts";
import type { TlsVersion } from "./tls-plan.ts";

/** Oldest first. */
export const tlsVersions: readonly TlsVersion[] = ["TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"];

/** What OpenSSL reads of a passphrase (PEM_BUFSIZE). */
const passphraseBytesMax = 1024;
const suites: readonly string[] = [
  "TLS_AES_128_GCM_SHA256",
  "TLS_AES_256_GCM_SHA384",
  "TLS_CHACHA20_POLY1305_SHA256",
  "TLS_AES_128_CCM_SHA256",
  "TLS_AES_128_CCM_8_SHA256",
];

/** The path of a file or folder, as it is written. */
export function tlsPath(example: string): z.ZodType<string> {
  const title = example.includes(".") ? "file's path" : "folder's path";
  return leaf(readTlsPath, { title, type: "string", examples: [example] });
}

export function readTlsPath(input: unknown): Reading<string> {
  const text = textOf(input);
  if (!text.ok || (text.value !== "" && !text.value.includes("\0"))) return text;
  return reject(`${shown(input)} is no path`, "Write a file's path.");
}

export const ocsp: z.ZodType<string> = leaf(readTlsPath, {
  title: "`fetch`, or a file's path",
  type: "string",
  examples: ["fetch"],
});

export const passphrase: z.ZodType<string> = leaf(readPassphrase, {
  title: "text",
  type: "string",
  examples: ["${TLS_PASSPHRASE}"],
});

/** It is a secret, so it is never shown. */
function readPassphrase(input: unknown): Reading<string> {
  const message = "this passphrase opens no key";
  if (typeof input !== "string") return reject(message, "Put it between quotes.");
  if (input === "") return reject("this passphrase is empty", "Remove it, or write one.");
  if (Buffer.byteLength(input) <= passphraseBytesMax && !input.includes("\0")) return accept(input);
  return reject(message, `Write up to ${passphraseBytesMax} bytes without a NUL character.`);
}

export const tlsVersion: z.ZodType<TlsVersion> = leaf(readTlsVersion, {
  title: tlsVersions.map((version) => `\`${version}\``).join(", "),
  enum: tlsVersions,
  examples: ["TLSv1.2"],
});

export function readTlsVersion(input: unknown): Reading<TlsVersion> {
  const known = tlsVersions.find((version) => version === input);
  if (known !== undefined) return accept(known);
  const text = typeof input === "string" || typeof input === "number" ? String(input) : "";
  if (/^ssl/i.test(text)) return reject(`${shown(input)} is broken`, "Write TLSv1.2.");
  // `1.2`, `TLS1.2`, `tls_1_2`, `VersionTLS12`: as nginx, Envoy, Go and others call it.
  const match = /^(?:version)?(?:tls)?[ _v-]*1(?:[._]?([0-3]))?$/i.exec(text);
  if (!match) return notOneOf(tlsVersions, input);
  const meant = tlsVersions[Number(match[1] ?? 0)] ?? "";
  return reject(`${shown(input)} is not one of ${tlsVersions.join(", ")}`, `Write ${meant}.`);
}

/** A list with colons, as OpenSSL writes it, or a YAML list; `wordFault` says what is wrong with a word. */
function colonList(
  example: string,
  wordFault: (word: string) => Reading<never> | null,
): z.ZodType<string> {
  const read = (input: unknown): Reading<string> => {
    const words: unknown[] = Array.isArray(input) ? input : [input];
    const texts: string[] = [];
    for (const word of words) {
      const text = textOf(word);
      if (!text.ok) return text;
      texts.push(...text.value.split(":"));
    }
    if (texts.length === 0) return reject("the list is empty", "Give it one item at least.");
    const fault = texts.map(faultOf).find((found) => found !== null);
    return fault ?? accept(texts.join(":"));
  };
  const faultOf = (word: string): Reading<never> | null =>
    word === "" ? reject("a name is missing here", `Write ${example}.`) : wordFault(word);
  return leaf(read, {
    title: "names with colons between them, or a list",
    anyOf: [{ type: "string" }, { type: "array", items: { type: "string" }, minItems: 1 }],
    examples: [example],
  });
}

/** OpenSSL's names and words for cipher suites up to TLS 1.2. */
export const ciphers: z.ZodType<string> = colonList("ECDHE-RSA-AES128-GCM-SHA256", (word) => {
  if (suites.includes(word)) {
    return reject(`${quoted(word)} is a suite of TLS 1.3`, "Write it in ciphersuites.");
  }
  if (/^TLS_/i.test(word)) {
    const hint = "Write OpenSSL's name, such as ECDHE-RSA-AES128-GCM-SHA256.";
    return reject(`${quoted(word)} is not OpenSSL's name of a cipher`, hint);
  }
  if (/^[A-Za-z0-9!@=+_.-]+$/.test(word)) return null;
  return reject(`${quoted(word)} is not a cipher`, "Write names with colons between them.");
});

/** Of TLS 1.3 there are five. */
export const ciphersuites: z.ZodType<string> = colonList("TLS_AES_128_GCM_SHA256", (word) => {
  if (suites.includes(word)) return null;
  const message = `${quoted(word)} is not a suite of TLS 1.3`;
  const meant = nearest(word, suites);
  if (meant !== null) return reject(message, `Did you mean "${meant}"?`);
  if (/^!|^(TLS_)?(EC)?DHE?[_-]|-/.test(word)) return reject(message, "Write it in ciphers.");
  return reject(message, `There are ${suites.join(", ")}.`);
});

/** Groups of the key exchange. OpenSSL 3.5 also takes `?`, `*` and `/` in them. */
export const curves: z.ZodType<string> = colonList("X25519:P-256", (word) =>
  /^[A-Za-z0-9_?*/-]+$/.test(word)
    ? null
    : reject(`${quoted(word)} is not a curve`, "Write names such as X25519:P-256:P-384."),
);

const foreignProtocols: Readonly<Record<string, string>> = {
  http1: "http/1.1",
  "http1.1": "http/1.1",
  "http_1.1": "http/1.1",
  http2: "h2",
  "http/2": "h2",
  "http/2.0": "h2",
  http3: "h3",
  "http/3": "h3",
};

/** RFC 7301 section 3.1: 1 to 255 bytes. All that are registered are visible ASCII. */
export const alpnName: z.ZodType<string> = leaf(readAlpnName, {
  title: "name of a protocol",
  type: "string",
  pattern: "^[!-~]{1,255}$",
  examples: ["http/1.1"],
});

export function readAlpnName(input: unknown): Reading<string> {
  const text = textOf(input);
  if (!text.ok) return text;
  const word = text.value.toLowerCase();
  const meant = Object.hasOwn(foreignProtocols, word) ? foreignProtocols[word] : undefined;
  const message = `${shown(input)} is not the name of a protocol`;
  if (meant !== undefined) return reject(message, `Write ${meant}.`);
  if (/^[!-~]{1,255}$/.test(text.value)) return text;
  return reject(message, "Write 1 to 255 ASCII characters without blanks, such as http/1.1.");
}
