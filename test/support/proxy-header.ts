// PROXY protocol headers as tests make and read them, written from the specification's text alone
// and sharing nothing with the product, so that the two can disagree.

/** What a header at the start of a stream says. */
export interface SeenHeader {
  readonly version: 1 | 2;
  /** `TCP4`, `TCP6`, `UNIX` or `UNKNOWN` (in version 2 also: LOCAL). */
  readonly protocol: string;
  /** `host:port`, `[host]:port`, a path, or empty. */
  readonly source: string;
  readonly destination: string;
  /** What follows the header. */
  readonly rest: Buffer;
}

const signature = Buffer.from("0d0a0d0a000d0a515549540a", "hex");

/** The header that opens `bytes`; null when more bytes are needed. Throws when it is not one. */
export function readHeader(bytes: Buffer): SeenHeader | null {
  if (bytes.length < 16) return null;
  if (bytes.subarray(0, 12).equals(signature)) return readBinary(bytes);
  const end = bytes.indexOf("\r\n");
  if (end < 0) {
    if (bytes.length > 107) throw new Error("no line end within 107 bytes");
    return null;
  }
  const words = bytes.toString("latin1", 0, end).split(" ");
  const [proxy, protocol = "", from = "", to = "", fromPort = "", toPort = ""] = words;
  if (proxy !== "PROXY") throw new Error(`not a PROXY line: ${words.join(" ")}`);
  const rest = bytes.subarray(end + 2);
  if (protocol === "UNKNOWN") {
    return { version: 1, protocol, source: "", destination: "", rest };
  }
  if (words.length !== 6) throw new Error(`not six words: ${words.join(" ")}`);
  const join = (host: string, port: string): string =>
    protocol === "TCP6" ? `[${host}]:${port}` : `${host}:${port}`;
  return {
    version: 1,
    protocol,
    source: join(from, fromPort),
    destination: join(to, toPort),
    rest,
  };
}

function readBinary(bytes: Buffer): SeenHeader | null {
  const command = bytes.readUInt8(12);
  const family = bytes.readUInt8(13);
  const length = bytes.readUInt16BE(14);
  if (bytes.length < 16 + length) return null;
  const rest = bytes.subarray(16 + length);
  const block = bytes.subarray(16, 16 + length);
  if (command === 0x20) {
    return { version: 2, protocol: "UNKNOWN", source: "", destination: "", rest };
  }
  if (command !== 0x21) throw new Error(`command ${command}`);
  switch (family) {
    case 0x11: {
      const host = (at: number): string => block.subarray(at, at + 4).join(".");
      const source = `${host(0)}:${block.readUInt16BE(8)}`;
      const destination = `${host(4)}:${block.readUInt16BE(10)}`;
      return { version: 2, protocol: "TCP4", source, destination, rest };
    }
    case 0x21: {
      const source = `[${ipv6Text(block.subarray(0, 16))}]:${block.readUInt16BE(32)}`;
      const destination = `[${ipv6Text(block.subarray(16, 32))}]:${block.readUInt16BE(34)}`;
      return { version: 2, protocol: "TCP6", source, destination, rest };
    }
    case 0x31: {
      const path = (at: number): string => {
        const field = block.subarray(at, at + 108);
        return field.subarray(0, field.indexOf(0)).toString();
      };
      return { version: 2, protocol: "UNIX", source: path(0), destination: path(108), rest };
    }
    default:
      throw new Error(`family ${family}`);
  }
}

/** The URL standard shortens IPv6 addresses as RFC 5952 does. */
function ipv6Text(bytes: Buffer): string {
  const groups = Array.from({ length: 8 }, (_, i) => bytes.readUInt16BE(i * 2).toString(16));
  return new URL(`http://[${groups.join(":")}]/`).hostname.slice(1, -1);
}

/** A version 1 header for these addresses. */
export function header1(source: string, port: number, family: "TCP4" | "TCP6" = "TCP4"): Buffer {
  const destination = family === "TCP4" ? "192.0.2.1" : "2001:db8::1";
  return Buffer.from(`PROXY ${family} ${source} ${destination} ${port} 443\r\n`);
}

/** A version 2 header: the client is `source:port`, it connected to 192.0.2.1:443. */
export function header2(source: string, port: number): Buffer {
  const block = Buffer.alloc(12);
  block.set(source.split(".").map(Number), 0);
  block.set([192, 0, 2, 1], 4);
  block.writeUInt16BE(port, 8);
  block.writeUInt16BE(443, 10);
  return binaryHeader(0x21, 0x11, block);
}

/** A version 2 header for IPv6, with a type-length-value block behind the addresses. */
export function header2Ipv6(source: Buffer, port: number): Buffer {
  const block = Buffer.alloc(36);
  block.set(source, 0);
  block.set([0x20, 0x01, 0x0d, 0xb8], 16);
  block.writeUInt16BE(port, 32);
  block.writeUInt16BE(443, 34);
  const alpn = Buffer.from([0x01, 0, 2, 0x68, 0x32]);
  return binaryHeader(0x21, 0x21, Buffer.concat([block, alpn]));
}

/** Version 2, command LOCAL: a connection of the sender's own. */
export function header2Local(): Buffer {
  return binaryHeader(0x20, 0x00, Buffer.alloc(0));
}

function binaryHeader(command: number, family: number, block: Buffer): Buffer {
  const head = Buffer.alloc(16);
  head.set(signature, 0);
  head[12] = command;
  head[13] = family;
  head.writeUInt16BE(block.length, 14);
  return Buffer.concat([head, block]);
}
