// TLS hellos made by hand (RFC 8446 section 4.1.2), for what no client of a library sends: GREASE, sizes,
// mistakes; and any hello in other records than its client put it into. What Ballast makes of them is the
// tests' business.

/** Bytes behind a length of `width` bytes. */
function vector(width: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  const length = Buffer.alloc(width);
  length.writeUIntBE(content.length, 0, width);
  return Buffer.concat([length, content]);
}

function extension(type: number, content: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from([type >> 8, type & 0xff]), vector(2, content)]);
}

function grease(value: number): Buffer {
  return Buffer.from([value, value]);
}

export interface HelloWords {
  readonly sni?: string;
  readonly alpn?: readonly string[];
  /** Bytes of padding (RFC 7685). */
  readonly padding?: number;
}

/** As Chrome orders it, with GREASE (RFC 8701) in every list that may have it. In one record, if it fits. */
export function helloOf({ sni = "", alpn = [], padding = 0 }: HelloWords): Buffer {
  const extensions = [extension(0x2a2a, Buffer.alloc(0))];
  if (sni !== "") {
    const host = Buffer.concat([Buffer.from([0]), vector(2, Buffer.from(sni, "latin1"))]);
    extensions.push(extension(0, vector(2, host)));
  }
  extensions.push(extension(10, vector(2, grease(0xda), Buffer.from("001d00170018", "hex"))));
  if (alpn.length > 0) {
    const names = alpn.map((name) => vector(1, Buffer.from(name, "latin1")));
    extensions.push(extension(16, vector(2, ...names)));
  }
  extensions.push(extension(43, vector(1, grease(0xfa), Buffer.from("03040303", "hex"))));
  extensions.push(extension(0x5a5a, Buffer.alloc(1)));
  if (padding > 0) extensions.push(extension(21, Buffer.alloc(padding)));
  const suites = vector(2, grease(0x1a), Buffer.from("130113021303c02bc02f", "hex"));
  const body = Buffer.concat([
    Buffer.from("0303", "hex"),
    Buffer.alloc(32, 7),
    vector(1, Buffer.alloc(32, 9)),
    suites,
    vector(1, Buffer.alloc(1)),
    vector(2, ...extensions),
  ]);
  return recordsOf(Buffer.concat([Buffer.from([1]), vector(3, body)]), 16_384);
}

/** The message of a hello that came in one record. */
export function messageOf(record: Buffer): Buffer {
  return record.subarray(5, 5 + record.readUInt16BE(3));
}

/** A message in records of at most `size` bytes. */
export function recordsOf(message: Buffer, size: number): Buffer {
  const records: Buffer[] = [];
  for (let at = 0; at < message.length; at += size) {
    records.push(Buffer.from("160301", "hex"), vector(2, message.subarray(at, at + size)));
  }
  return Buffer.concat(records);
}
