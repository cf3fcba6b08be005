import { describe, expect, it } from "vitest";
import { ClientHello, helloBytesMax, HelloState } from "./client-hello.ts";
import { alpnMax } from "./hello-body.ts";

/** Bytes behind a length of `width` bytes. */
function vector(width: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  const length = Buffer.alloc(width);
  length.writeUIntBE(content.length, 0, width);
  return Buffer.concat([length, content]);
}

const latin1 = (text: string): Buffer => Buffer.from(text, "latin1");
const hex = (text: string): Buffer => Buffer.from(text, "hex");

function extension(type: number, content: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from([type >> 8, type & 0xff]), vector(2, content)]);
}

function hostEntry(name: string): Buffer {
  return Buffer.concat([Buffer.from([0]), vector(2, latin1(name))]);
}

const padding = (length: number): Uint8Array => extension(21, Buffer.alloc(length));

function sni(...names: readonly string[]): Buffer {
  return extension(0, vector(2, ...names.map(hostEntry)));
}

function alpn(...names: readonly string[]): Buffer {
  return extension(16, vector(2, ...names.map((name) => vector(1, latin1(name)))));
}

interface Parts {
  readonly sessionId?: Uint8Array;
  readonly suites?: Uint8Array;
  readonly methods?: Uint8Array;
  readonly extensions?: readonly Uint8Array[] | null;
}

/** A handshake message, without records. */
function message(parts: Parts = {}): Buffer {
  const { sessionId = Buffer.alloc(32), suites = hex("1a1a13011302") } = parts;
  const { methods = hex("00"), extensions = [sni("example.org")] } = parts;
  const body = Buffer.concat([
    hex("0303"),
    Buffer.alloc(32, 7),
    vector(1, sessionId),
    vector(2, suites),
    vector(1, methods),
    extensions === null ? Buffer.alloc(0) : vector(2, ...extensions),
  ]);
  return Buffer.concat([hex("01"), vector(3, body)]);
}

/** The message in records of at most `size` bytes. */
function inRecords(whole: Buffer, size = 16_384): Buffer {
  const records: Buffer[] = [];
  for (let at = 0; at < whole.length; at += size) {
    records.push(hex("160301"), vector(2, whole.subarray(at, at + size)));
  }
  return Buffer.concat(records);
}

function parse(bytes: Uint8Array, bytesMax?: number): ClientHello {
  const hello = new ClientHello(bytesMax);
  hello.parse(bytes, 0, bytes.length);
  return hello;
}

function parseMessage(parts: Parts): ClientHello {
  return parse(inRecords(message(parts)));
}

const grease = extension(0x3a3a, Buffer.alloc(1));

describe("a hello", () => {
  it("gives server name and protocols, among extensions that nobody knows", () => {
    const extensions = [grease, sni("www.Example.ORG"), alpn("\x6a\x6a", "h2", "http/1.1"), grease];
    const hello = parseMessage({ extensions });
    expect(hello.state).toBe(HelloState.found);
    expect(hello.sni).toBe("www.example.org");
    expect(hello.alpn).toEqual(["\x6a\x6a", "h2", "http/1.1"]);
    expect(hello.problem).toBe("");
  });

  it.each<[string, Parts]>([
    ["no extensions at all", { extensions: null }],
    ["an empty list of extensions", { extensions: [] }],
    ["others only", { extensions: [grease] }],
    ["a name of another type", { extensions: [extension(0, vector(2, hex("05000141")))] }],
  ])("may have %s", (_, parts) => {
    expect(parseMessage(parts)).toMatchObject({ state: HelloState.found, sni: "", alpn: [] });
  });

  it("is found at its last byte, not before, in records of any size", () => {
    const whole = message({ extensions: [alpn("h2"), sni("example.org")] });
    for (const size of [1, 2, 3, 4, 5, 50, whole.length - 1, whole.length]) {
      const bytes = inRecords(whole, size);
      const hello = new ClientHello();
      for (let end = 0; end < bytes.length; end++) {
        expect(hello.parse(bytes, 0, end)).toBe(HelloState.needMore);
      }
      expect(hello.parse(bytes, 0, bytes.length)).toBe(HelloState.found);
      expect([hello.sni, ...hello.alpn]).toEqual(["example.org", "h2"]);
    }
  });

  it("is found at once from any place in a buffer, also with more behind it", () => {
    const bytes = inRecords(message(), 100);
    for (const before of [0, 1, 77]) {
      const all = Buffer.concat([Buffer.alloc(before, 0x16), bytes, hex("170303")]);
      const hello = new ClientHello();
      expect(hello.parse(all, before, all.length)).toBe(HelloState.found);
      expect(hello.sni).toBe("example.org");
    }
  });

  it("reads nothing behind the end that it is told", () => {
    const bytes = inRecords(message());
    const hello = new ClientHello();
    expect(hello.parse(bytes, 0, bytes.length - 1)).toBe(HelloState.needMore);
    bytes.fill(0xff, bytes.length - 1);
    expect(hello.parse(bytes, 0, bytes.length - 1)).toBe(HelloState.needMore);
  });

  it("may be as long as is waited for, and no longer", () => {
    const fits = inRecords(message({ extensions: [padding(16_000), sni("a.example")] }));
    expect(parse(fits)).toMatchObject({ state: HelloState.found, sni: "a.example" });
    const tooLong = inRecords(message({ extensions: [padding(19_000)] }));
    expect(parse(tooLong.subarray(0, 9))).toMatchObject({
      state: HelloState.malformed,
      problem: `the hello is longer than ${helloBytesMax} bytes`,
    });
    // Of one-byte records the headers count too.
    const slow = inRecords(message({ extensions: [padding(4000)] }), 1);
    expect(parse(slow.subarray(0, helloBytesMax - 1)).state).toBe(HelloState.needMore);
    expect(parse(slow.subarray(0, helloBytesMax)).state).toBe(HelloState.malformed);
    expect(parse(inRecords(message()), 50).problem).toBe("the hello is longer than 50 bytes");
  });

  it("keeps some protocols and not thousands", () => {
    const many = Array.from({ length: 500 }, (_, i) => `p${i}`);
    const hello = parseMessage({ extensions: [alpn(...many)] });
    expect(hello.alpn).toEqual(many.slice(0, alpnMax));
  });
});

describe("a server name", () => {
  const label63 = "a".repeat(63);
  it.each([
    ["A.B.C", "a.b.c"],
    ["example.org.", "example.org"],
    ["_sip._tcp.Example-1.org", "_sip._tcp.example-1.org"],
    ["localhost", "localhost"],
    ["xn--bcher-kva.example", "xn--bcher-kva.example"],
    ["192.0.2.1", "192.0.2.1"],
    [`${label63}.example`, `${label63}.example`],
    ["a.".repeat(126) + "a", "a.".repeat(126) + "a"],
  ])("%s is taken as %s", (name, expected) => {
    const hello = parseMessage({ extensions: [sni(name)] });
    expect([hello.state, hello.sni]).toEqual([HelloState.found, expected]);
  });

  it.each([
    "",
    ".",
    "..",
    "a..b",
    ".a",
    "a b",
    "a\0b",
    "a/b",
    "a:1",
    "::1",
    "[::1]",
    "b\u00fccher.example",
    "@",
    "`",
    "{",
    "[",
    `${label63}a.example`,
    "a.".repeat(127) + "a",
  ])("%j is refused", (name) => {
    const hello = parseMessage({ extensions: [alpn("h2"), sni(name)] });
    expect(hello).toMatchObject({ state: HelloState.malformed, sni: "", alpn: [] });
    expect(hello.problem).toBe("its server name is no host name");
  });
});

describe("what is no hello", () => {
  it.each([
    ["a request", latin1("GET / HTTP/1.1\r\n\r\n")],
    ["an SSH client", latin1("SSH-2.0-OpenSSH_9.2\r\n")],
    ["an SSL 2 hello", hex("802e0103010015000000100100800300800700c006004002008004008000000a")],
    ["a TLS alert", hex("15030100020100")],
    ["a record of no version of TLS", hex("160203")],
    ["a PROXY protocol header", latin1("PROXY UNKNOWN\r\n")],
  ])("%s is not TLS, and that is known at once", (_, bytes) => {
    const hello = new ClientHello();
    const states = Array.from(bytes.subarray(0, 2), (__, i) => hello.parse(bytes, 0, i + 1));
    expect(states.at(-1)).toBe(HelloState.notTls);
    expect(hello.parse(bytes, 0, bytes.length)).toBe(HelloState.notTls);
    expect(hello).toMatchObject({ sni: "", alpn: [], problem: "" });
  });

  const suites = "its cipher suites are no list of pairs of bytes";
  const noList = "its server name is no list of names";
  const noAlpn = "its protocols are no list of names";
  const cut = "the hello ends in the middle of a field";
  it.each<[string, string, Buffer]>([
    ["an empty record", "a record has a length that TLS does not allow", hex("1603010000")],
    ["a long record", "a record has a length that TLS does not allow", hex("1603014001")],
    ["another message", "the first message is no hello", hex("160303000402")],
    ["a record of data", "another record interrupts the hello", hex("160301000101170303")],
    ["a version change", "another record interrupts the hello", hex("1603010001011602")],
    ["an empty message", cut, hex("160301000401000000")],
    ["a long session id", "its session id is too long", made({ sessionId: Buffer.alloc(33) })],
    ["no suites", suites, made({ suites: Buffer.alloc(0) })],
    ["odd suites", suites, made({ suites: Buffer.alloc(3) })],
    ["no method", "it has no compression method", made({ methods: Buffer.alloc(0) })],
    ["two SNI extensions", "it has two server names", made({ extensions: [sni("a"), sni("a")] })],
    ["two names", "it has two server names", made({ extensions: [sni("a", "b")] })],
    ["an empty SNI", noList, made({ extensions: [extension(0, Buffer.alloc(0))] })],
    ["an empty list", noList, made({ extensions: [sni()] })],
    ["a wrong list", noList, made({ extensions: [extension(0, hex("000500000161"))] })],
    ["a wrong name", cut, made({ extensions: [extension(0, vector(2, hex("00000261")))] })],
    ["a short name", cut, made({ extensions: [extension(0, vector(2, hex("0000")))] })],
    ["two ALPNs", "it has two lists of protocols", made({ extensions: [alpn("a"), alpn("a")] })],
    ["no protocols", noAlpn, made({ extensions: [alpn()] })],
    ["an empty protocol", noAlpn, made({ extensions: [alpn("")] })],
    ["a cut protocol", noAlpn, made({ extensions: [extension(16, vector(2, hex("0261")))] })],
    ["a cut extension", cut, made({ extensions: [hex("00aa0001")] })],
    ["a cut extension header", cut, made({ extensions: [hex("00aa00")] })],
  ])("%s is malformed", (_, problem, bytes) => {
    expect(parse(bytes)).toMatchObject({ state: HelloState.malformed, problem, sni: "", alpn: [] });
  });

  it("is malformed wherever the message ends too early or too late", () => {
    const whole = message();
    for (let length = 0; length <= whole.length; length++) {
      const wrong = Buffer.from(whole);
      wrong.writeUIntBE(length, 1, 3);
      const { state, sni: name } = parse(inRecords(wrong));
      // All of it, up to its extensions, or not all of it here.
      const expected: unknown[] =
        length === whole.length - 4
          ? [HelloState.found, "example.org"]
          : length === 34 + 33 + 8 + 2
            ? [HelloState.found, ""]
            : [length > whole.length - 4 ? HelloState.needMore : HelloState.malformed, ""];
      expect([state, name]).toEqual(expected);
    }
  });
});

function made(parts: Parts): Buffer {
  return inRecords(message(parts));
}
