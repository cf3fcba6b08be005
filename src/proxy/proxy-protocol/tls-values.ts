// What a header of version 2 tells of the client's TLS, behind the addresses (section 2.2): the name that
// it asked for, the protocol agreed on, and the handshake. Called once a connect, where `tlvs` asks.
import type { ProxyTlv } from "../../config/plan.ts";
import type { Agreed } from "../../tls/agreed.ts";

const typeAlpn = 0x01;
const typeAuthority = 0x02;
const typeSsl = 0x20;
const typeSslVersion = 0x21;
const typeSslCommonName = 0x22;
const typeSslCipher = 0x23;

/** Bits of what the client did: spoke TLS, showed a certificate now, or in this session before. */
const clientSsl = 0x01;
const clientCertNow = 0x02;
const clientCertInSession = 0x04;

/** No value of ours is longer; a name in SNI has 253 characters at most. */
const valueBytesMax = 255;

export interface TlsValues {
  /** Empty: the client named no server, or nobody knows. */
  readonly sni: string;
  readonly alpn: string;
  /** Null: it speaks no TLS with us. */
  readonly agreed: Agreed | null;
}

/** The values that `wanted` names, as far as they are known. */
export function encodeTlsValues(wanted: readonly ProxyTlv[], values: TlsValues): Uint8Array {
  const { sni, alpn, agreed } = values;
  const parts: Uint8Array[] = [];
  if (wanted.includes("alpn") && alpn !== "") parts.push(value(typeAlpn, bytesOf(alpn)));
  if (wanted.includes("sni") && sni !== "") parts.push(value(typeAuthority, bytesOf(sni)));
  if (wanted.includes("ssl") && agreed !== null) parts.push(value(typeSsl, handshake(agreed)));
  return Buffer.concat(parts);
}

/** `header` with `values` behind it: its length counts them. */
export function appendValues(header: Uint8Array, values: Uint8Array): Uint8Array {
  const whole = Buffer.concat([header, values]);
  whole.writeUInt16BE(whole.readUInt16BE(14) + values.length, 14);
  return whole;
}

/** A certificate that we have let pass has been verified: 0. */
function handshake({ version, cipher, subject, resumed }: Agreed): Uint8Array {
  const shown = subject === "" ? 0 : clientCertInSession | (resumed ? 0 : clientCertNow);
  const parts = [
    Buffer.of(clientSsl | shown, 0, 0, 0, 0),
    value(typeSslVersion, bytesOf(version)),
    value(typeSslCipher, bytesOf(cipher)),
  ];
  const name = commonNameOf(subject);
  if (name !== "") parts.push(value(typeSslCommonName, Buffer.from(name, "utf8")));
  return Buffer.concat(parts);
}

/** Of a subject as RFC 2253 writes it; the most specific one, which stands first. */
export function commonNameOf(subject: string): string {
  const found = /(?:^|[,+])CN=((?:\\.|[^,+\\])*)/s.exec(subject);
  return (found?.[1] ?? "").replaceAll(/\\(.)/gs, "$1");
}

function bytesOf(text: string): Buffer {
  return Buffer.from(text, "latin1");
}

function value(type: number, content: Uint8Array): Buffer {
  const length = Math.min(content.length, type === typeSsl ? 0xffff : valueBytesMax);
  return Buffer.concat([Buffer.of(type, length >> 8, length & 0xff), content.subarray(0, length)]);
}
