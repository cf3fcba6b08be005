// A file with an OCSP response to be stapled. certificates.ts calls it. Whether the response is about
// the certificate, and still fresh, the control plane asks OpenSSL: here it only has to look like one.
import { accept, type Reading, reject } from "../reading.ts";
import { named, readBytes } from "./file-bytes.ts";

const hint = "An OCSP response is DER: `openssl ocsp ... -respout FILE` writes one.";

/** The response in DER. */
export function readOcspResponse(file: string): Reading<Uint8Array> {
  const bytes = readBytes(file);
  if (!bytes.ok) return bytes;
  if (bytes.value.length === 0) return reject(`the OCSP response in ${named(file)} is empty`, hint);
  if (derLength(bytes.value) === bytes.value.length) return accept(bytes.value);
  return reject(`there is no OCSP response in ${named(file)}`, hint);
}

/** Bytes of the SEQUENCE at the beginning, its head included; -1: there is none. */
function derLength(bytes: Uint8Array): number {
  const [tag, first] = bytes;
  if (tag !== 0x30 || first === undefined) return -1;
  if (first < 0x80) return 2 + first;
  const count = first & 0x7f;
  if (count === 0 || count > 4 || bytes.length < 2 + count) return -1;
  let length = 0;
  for (let i = 0; i < count; i++) length = length * 256 + (bytes[2 + i] as number);
  return 2 + count + length;
}
