// How Node reads HTTP/1.1: an oracle that is not ours, behind which stands a server of Node's that
// listens nowhere. Connections are objects, and what they bring is read before feed() returns, as
// messages are recorded by the class that Node makes them of. Each character is one byte.
import { createServer, IncomingMessage, type Server } from "node:http";
import { Duplex } from "node:stream";

export interface NodeMessage {
  readonly line: string;
  readonly minor: number;
  readonly fields: readonly string[];
  readonly body: string;
  readonly trailers: readonly string[];
  readonly complete: boolean;
}

export interface NodeReading {
  readonly messages: readonly NodeMessage[];
  /** Its parser's code, `HPE_...`; empty: it found nothing wrong. */
  readonly fault: string;
}

class Recorded extends IncomingMessage {
  body = "";
  ended = false;

  constructor(...from: ConstructorParameters<typeof IncomingMessage>) {
    super(...from);
    recorded.push(this);
  }

  override push(chunk: Buffer | null): boolean {
    if (chunk === null) this.ended = true;
    else this.body += chunk.toString("latin1");
    // Nobody will read it, and nothing shall wait for that.
    return true;
  }
}

let recorded: Recorded[] = [];
let fault = "";

function serverOf(): Server {
  const server = createServer({ IncomingMessage: Recorded, requireHostHeader: false });
  server.on("request", () => {});
  // Without a listener it takes the connection down and reads nothing of it.
  server.on("connect", () => {});
  server.on("clientError", (error: NodeJS.ErrnoException) => {
    fault ||= error.code ?? error.message;
  });
  return server;
}

const server = serverOf();

class Connection extends Duplex {
  override _read(): void {}

  override _write(_chunk: unknown, _encoding: unknown, done: () => void): void {
    done();
  }
}

/** Requests on one connection that brings just these bytes. */
export function readByNode(whole: string): NodeReading {
  recorded = [];
  fault = "";
  const connection = new Connection();
  connection.on("error", () => {});
  server.emit("connection", connection);
  connection.emit("data", Buffer.from(whole, "latin1"));
  connection.destroy();
  const messages = recorded.map((message) => ({
    line: `${message.method} ${message.url}`,
    minor: message.httpVersionMinor,
    fields: pairs(message.rawHeaders),
    body: message.body,
    trailers: pairs(message.rawTrailers),
    complete: message.ended,
  }));
  return { messages, fault };
}

function pairs(raw: readonly string[]): string[] {
  return raw.flatMap((name, i) => (i % 2 === 0 ? [`${name}: ${raw[i + 1]}`] : []));
}
