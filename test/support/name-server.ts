// A name server on loopback: real datagrams, answers that a test sets and changes. It knows A and
// AAAA records, and the ways in which name servers fail.
import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import { atTestEnd } from "./leftovers.ts";

const typeA = 1;
const typeAaaa = 28;
const noError = 0;
const serverFailure = 2;
const nameError = 3;

/** Records of a name; an address with a colon is an AAAA record. */
export interface Records {
  readonly addresses: readonly string[];
  /** Seconds. */
  readonly ttl?: number;
  /** Questions for AAAA records stay without an answer. */
  readonly silentOn6?: boolean;
}

/** `held`: what is asked is answered once the name is set to something else. */
export type Behaviour = Records | "nxdomain" | "servfail" | "silent" | "garbage" | "held";

export class NameServer {
  /** As a configuration writes it. */
  readonly address: string;
  /** What was asked so far: `A db.test`, `AAAA db.test`. */
  readonly questions: string[];
  readonly #socket: Socket;
  readonly #names: Map<string, Behaviour>;
  readonly #held: { readonly query: Buffer; readonly from: RemoteInfo }[];

  constructor(socket: Socket) {
    const { address, port } = socket.address();
    this.address = `${address}:${port}`;
    this.questions = [];
    this.#socket = socket;
    this.#names = new Map();
    this.#held = [];
    socket.on("message", (query, from) => this.#asked(query, from));
  }

  /** From now on; a name that was never set does not exist. */
  set(name: string, behaviour: Behaviour): void {
    this.#names.set(name, behaviour);
    for (const { query, from } of this.#held.splice(0)) this.#answer(query, from);
  }

  /** How often its A records were asked for. */
  asked(name: string): number {
    return this.questions.filter((question) => question === `A ${name}`).length;
  }

  #asked(query: Buffer, from: RemoteInfo): void {
    const { name, type } = questionOf(query);
    this.questions.push(`${type === typeA ? "A" : "AAAA"} ${name}`);
    this.#answer(query, from);
  }

  #answer(query: Buffer, from: RemoteInfo): void {
    const { name, type, end } = questionOf(query);
    const behaviour = this.#names.get(name) ?? "nxdomain";
    if (behaviour === "silent") return;
    if (behaviour === "held") {
      this.#held.push({ query, from });
      return;
    }
    if (behaviour === "garbage") {
      // The right number in front, so that it is not dropped as somebody else's.
      this.#send(Buffer.concat([query.subarray(0, 2), Buffer.from("certainly not DNS")]), from);
    } else if (behaviour === "nxdomain") {
      this.#send(response(query, end, nameError, []), from);
    } else if (behaviour === "servfail") {
      this.#send(response(query, end, serverFailure, []), from);
    } else {
      if (behaviour.silentOn6 === true && type === typeAaaa) return;
      const fitting = behaviour.addresses.filter(
        (address) => address.includes(":") === (type === typeAaaa),
      );
      const records = fitting.map((address) => record(type, address, behaviour.ttl ?? 60));
      this.#send(response(query, end, noError, records), from);
    }
  }

  #send(message: Buffer, to: RemoteInfo): void {
    this.#socket.send(message, to.port, to.address);
  }
}

/** Closed when the test ends. */
export async function startNameServer(): Promise<NameServer> {
  const socket = createSocket("udp4");
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
  atTestEnd(() => new Promise<void>((resolve) => socket.close(() => resolve())));
  return new NameServer(socket);
}

/** RFC 1035, 4.1.2: labels, then type and class. */
function questionOf(query: Buffer): { name: string; type: number; end: number } {
  const labels: string[] = [];
  let at = 12;
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString("latin1", at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join(".").toLowerCase(), type: query.readUInt16BE(at + 1), end: at + 5 };
}

function response(query: Buffer, end: number, code: number, records: readonly Buffer[]): Buffer {
  const header = Buffer.alloc(12);
  query.copy(header, 0, 0, 2);
  // An answer, recursion desired and available.
  header.writeUInt16BE(0x8180 | code, 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(records.length, 6);
  return Buffer.concat([header, query.subarray(12, end), ...records]);
}

function record(type: number, address: string, ttl: number): Buffer {
  const data = type === typeA ? address.split(".").map(Number) : ipv6Bytes(address);
  const fixed = Buffer.alloc(12);
  // A pointer to the name in the question.
  fixed.writeUInt16BE(0xc00c, 0);
  fixed.writeUInt16BE(type, 2);
  fixed.writeUInt16BE(1, 4);
  fixed.writeUInt32BE(ttl, 6);
  fixed.writeUInt16BE(data.length, 10);
  return Buffer.concat([fixed, Buffer.from(data)]);
}

function groups(text: string): number[] {
  return text === "" ? [] : text.split(":").map((group) => Number.parseInt(group, 16));
}

/** Of an address with one `::`, which is all that tests need. */
function ipv6Bytes(address: string): number[] {
  const [head = "", tail = ""] = address.split("::");
  const [first, last] = [groups(head), groups(tail)];
  const zeros = Array.from({ length: 8 - first.length - last.length }, () => 0);
  return [...first, ...zeros, ...last].flatMap((group) => [group >> 8, group & 0xff]);
}
