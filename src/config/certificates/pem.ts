// PEM (RFC 7468): the blocks of a file; what stands between them is a comment. The readers beside it
// call it. Milder than OpenSSL: a block that is indented or has long lines is understood, because
// blocks are written anew. No message shows what is in a block: it may be a key.
import { accept, quoted, type Reading, reject } from "../reading.ts";
import { named, readBytes } from "./file-bytes.ts";

export interface PemBlock {
  /** `CERTIFICATE`, `PRIVATE KEY`, ... */
  readonly label: string;
  /** Its first line in the file, from 1. */
  readonly line: number;
  /** The block alone, ready for OpenSSL. */
  readonly text: string;
  /** `Proc-Type: 4,ENCRYPTED` and the like: the old form of an encrypted key (RFC 1421). */
  readonly headers: readonly string[];
}

const begin = /^-----BEGIN ([A-Z0-9 ]+)-----$/;
const end = /^-----END ([A-Z0-9 ]+)-----$/;
const header = /^[A-Za-z0-9-]+: /;
const base64 = /^[A-Za-z0-9+/]*={0,2}$/;

/** A block that has begun. */
interface Open {
  readonly label: string;
  readonly line: number;
  readonly headers: string[];
  readonly body: string[];
}

/** All blocks of a file. `what` it should hold is named when there are none: `certificate`. */
export function readPem(file: string, what: string, bytesMax?: number): Reading<PemBlock[]> {
  const bytes = readBytes(file, bytesMax);
  return bytes.ok ? pemIn(bytes.value, file, what) : bytes;
}

/** The same, of what has been read from `file`. */
export function pemIn(bytes: Uint8Array, file: string, what: string): Reading<PemBlock[]> {
  const blocks = parsePem(Buffer.from(bytes).toString("latin1"), file);
  if (!blocks.ok || blocks.value.length > 0) return blocks;
  return reject(`there is no PEM ${what} in ${named(file)}`, otherForm(bytes));
}

/** A file without blocks is seldom without anything. */
function otherForm(bytes: Uint8Array): string {
  if (bytes.length === 0) return "The file is empty.";
  // 0x30: a SEQUENCE, with which certificates, keys and PKCS #12 all begin.
  return bytes[0] === 0x30
    ? "It seems to be binary (DER or PKCS #12); write it as PEM with `openssl x509`, `openssl pkey` or `openssl pkcs12`."
    : "PEM is text with lines such as -----BEGIN CERTIFICATE-----.";
}

/** The blocks in `text`; `file` is for messages. */
export function parsePem(text: string, file: string): Reading<PemBlock[]> {
  const blocks: PemBlock[] = [];
  let open: Open | null = null;
  for (const [i, raw] of text.split(/\r\n|\n|\r/).entries()) {
    const line = raw.trim();
    if (open === null) {
      const label = begin.exec(line.replace(/^\u00ef\u00bb\u00bf/, ""))?.[1];
      if (label !== undefined) open = { label, line: i + 1, headers: [], body: [] };
      continue;
    }
    const label = end.exec(line)?.[1];
    if (label !== undefined && label !== open.label) {
      return broken(open, file, `ends as ${quoted(label)}`, "Copy the file anew.");
    }
    if (label === undefined) {
      const fault = take(open, line, i + 1);
      if (fault !== null) return broken(open, file, fault.what, fault.hint);
      continue;
    }
    const body = open.body.join("");
    if (body === "") return broken(open, file, "is empty", "Copy the file anew.");
    if (!base64.test(body) || body.length % 4 !== 0) {
      return broken(open, file, "is not base64", "Characters are missing; copy the file anew.");
    }
    blocks.push({ label, line: open.line, text: written(open, body), headers: open.headers });
    open = null;
  }
  if (open === null) return accept(blocks);
  return broken(open, file, "has no end", "The file has been cut off; copy it anew.");
}

/** A line in a block; what is wrong with it, or null. It may be of a key: no message shows it. */
function take(open: Open, line: string, number: number): { what: string; hint: string } | null {
  if (line.includes("----------BEGIN")) {
    const hint = "Two files were joined without a line break: put one before -----BEGIN.";
    return { what: "runs into the next one", hint };
  }
  if (line.startsWith("-----")) {
    return { what: "has no end", hint: "The line -----END is missing; copy the file anew." };
  }
  if (header.test(line)) open.headers.push(line);
  else if (base64.test(line)) open.body.push(line);
  else return { what: "is not base64", hint: `Look at line ${number}, or copy the file anew.` };
  return null;
}

function broken({ label, line }: Open, file: string, what: string, hint: string): Reading<never> {
  return reject(`the PEM block ${quoted(label)} at line ${line} of ${named(file)} ${what}`, hint);
}

function written({ label, headers }: Open, body: string): string {
  const lines = body.match(/.{1,64}/g) ?? [];
  const head = headers.length > 0 ? [...headers, ""] : [];
  return [`-----BEGIN ${label}-----`, ...head, ...lines, `-----END ${label}-----`, ""].join("\n");
}
