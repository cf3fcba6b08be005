// How Node's client reads the answer to one request: an oracle that is not ours, as node-parser.ts is for
// requests. The connection is an object, on which just these bytes come, and then the end.
import { request, type IncomingMessage } from "node:http";
import { Duplex } from "node:stream";
import type { NodeMessage, NodeReading } from "./node-parser.ts";

class Connection extends Duplex {
  override _read(): void {}

  override _write(_chunk: unknown, _encoding: unknown, done: () => void): void {
    done();
  }

  // What a client asks of a socket besides.
  setTimeout(): this {
    return this;
  }
  setNoDelay(): this {
    return this;
  }
  setKeepAlive(): this {
    return this;
  }
  ref(): this {
    return this;
  }
  unref(): this {
    return this;
  }
}

/** All that is read of the answer to a request with `method`: interim responses, and the final one. */
export function answerToNode(method: string, whole: string): Promise<NodeReading> {
  return new Promise((resolve) => {
    const messages: NodeMessage[] = [];
    let fault = "";
    const connection = new Connection();
    const done = (): void => resolve({ messages, fault });
    const asking = request({ method, host: "x", createConnection: () => connection });
    asking.on("information", (head) => messages.push(messageOf(head, "", true)));
    const switched = (response: IncomingMessage): void => {
      messages.push(messageOf(response, "", true));
      connection.destroy();
    };
    asking.on("upgrade", switched);
    asking.on("connect", switched);
    asking.on("response", (response) => {
      let body = "";
      response.setEncoding("latin1");
      response.on("data", (part: string) => {
        body += part;
      });
      // An answer that was cut off.
      response.on("error", (error: NodeJS.ErrnoException) => {
        fault ||= error.code ?? error.message;
      });
      response.on("close", () => {
        messages.push(messageOf(response, body, response.complete));
      });
    });
    asking.on("error", (error: NodeJS.ErrnoException) => {
      fault ||= error.code ?? error.message;
    });
    asking.on("close", () => setImmediate(done));
    asking.on("socket", () => {
      // It begins to listen a tick later.
      setImmediate(() => {
        connection.push(Buffer.from(whole, "latin1"));
        connection.push(null);
      });
    });
    asking.end();
  });
}

interface Heard {
  readonly statusCode?: number | undefined;
  readonly statusMessage?: string | undefined;
  readonly httpVersionMinor: number;
  readonly rawHeaders: readonly string[];
  readonly rawTrailers?: readonly string[];
}

function messageOf(heard: Heard, body: string, complete: boolean): NodeMessage {
  return {
    line: `${heard.statusCode} ${heard.statusMessage}`,
    minor: heard.httpVersionMinor,
    fields: pairs(heard.rawHeaders),
    body,
    trailers: pairs(heard.rawTrailers ?? []),
    complete,
  };
}

function pairs(raw: readonly string[]): string[] {
  return raw.flatMap((name, i) => (i % 2 === 0 ? [`${name}: ${raw[i + 1]}`] : []));
}
