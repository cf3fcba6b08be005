// The names that a certificate is for: DNS names and IP addresses of its subjectAltName. Where there
// are none, its common name counts when it looks like a host's, as browsers did until 2017.
import type { X509Certificate } from "node:crypto";
import { isIP, isIPv6, SocketAddress } from "node:net";

/** `a.example`, `*.a.example`, `_service.a.example`. */
const hostName = /^(?:\*\.)?[a-z0-9_-]+(?:\.[a-z0-9_-]+)*$/i;
/**
 * One name as node writes it: `DNS:a.example`, `IP Address:127.0.0.1`; what has commas or quotes is
 * in JSON. Sticky, so that a name within another's JSON is none.
 */
const entry = /([^:,"]+):("(?:[^"\\]|\\.)*"|[^,]*)(?:, |$)/gy;

/** In lower case, IPv6 in its shortest form, each once, in the order of the certificate. */
export function namesOf(certificate: X509Certificate): readonly string[] {
  const names: string[] = [];
  for (const [, type, text = ""] of (certificate.subjectAltName ?? "").matchAll(entry)) {
    const value = text.startsWith('"') ? String(JSON.parse(text)) : text;
    if (type === "DNS" && hostName.test(value)) names.push(value);
    if (type === "IP Address" && isIP(value) > 0) names.push(value);
  }
  const found = names.length > 0 ? names : commonNames(certificate);
  return [...new Set(found.map((name) => normal(name)))];
}

function commonNames(certificate: X509Certificate): string[] {
  // The text form is ambiguous: a name may have line breaks in it.
  const { subject } = certificate.toLegacyObject() as { subject?: { CN?: unknown } };
  const all = [subject?.CN ?? []].flat();
  return all.filter((name): name is string => typeof name === "string" && hostName.test(name));
}

function normal(name: string): string {
  if (!isIPv6(name)) return name.toLowerCase();
  return new SocketAddress({ address: name, family: "ipv6" }).address;
}
