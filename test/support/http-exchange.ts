// An HTTP client that is not ours: Node's, as an oracle for what Ballast sends to clients. And a server
// that says byte for byte what a test wants, by the request's target.
import { type IncomingHttpHeaders, type OutgoingHttpHeaders, request } from "node:http";
import { portOf } from "./clients.ts";
import type { Peer } from "./peer.ts";
import { startServer, type TestServer } from "./servers.ts";
import { within } from "./until.ts";

export interface Asked {
  readonly method?: string;
  readonly headers?: OutgoingHttpHeaders;
  /** The body, written piece by piece. Without a content-length in `headers` each is a chunk. */
  readonly pieces?: readonly Uint8Array[];
  readonly trailers?: Readonly<Record<string, string>>;
}

export interface Answered {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly trailers: NodeJS.Dict<string>;
}

/** One request over a connection of its own. Rejects when the response is cut off. */
export async function askWithNode(
  address: string,
  path: string,
  { method = "GET", headers = {}, pieces = [], trailers = {} }: Asked = {},
): Promise<Answered> {
  const answered = new Promise<Answered>((resolve, reject) => {
    const { host, port } = { host: "127.0.0.1", port: portOf(address) };
    const asking = request({ host, port, path, method, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        const { statusCode: status = 0, headers: fields, trailers: last } = response;
        resolve({ status, headers: fields, body: Buffer.concat(chunks), trailers: last });
      });
    });
    asking.on("error", reject);
    for (const piece of pieces) asking.write(piece);
    if (Object.keys(trailers).length > 0) asking.addTrailers(trailers);
    asking.end();
  });
  return within(`the answer to ${method} ${path}`, answered);
}

/** What it does with a request, whose head is `head`; its body is what `peer` receives from byte `bodyStart` on. */
export type Script = (peer: Peer, head: string, bodyStart: number) => void;

/** Answers by what stands in the request line behind the method. Heads come one after the other. */
export async function startScriptedServer(
  scripts: Readonly<Record<string, Script>>,
): Promise<TestServer> {
  return startServer((peer) => {
    let from = 0;
    peer.socket.on("data", () => {
      for (;;) {
        const end = peer.text.indexOf("\r\n\r\n", from);
        if (end < 0) return;
        const head = peer.text.slice(from, end);
        // Before it there may be the body of the request before.
        const [, target = ""] = /[A-Z]+ (\S+) HTTP\/1\.1\r\n/.exec(`${head}\r\n`) ?? [];
        const script = scripts[target];
        // What nobody knows is the end of a body.
        from = script === undefined ? end + 1 : end + 4;
        script?.(peer, head, from);
      }
    });
  });
}
