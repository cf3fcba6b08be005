// Servers that speak HTTP as a test dictates, byte by byte: for what a well-behaved server never does.
import type { Peer } from "./peer.ts";
import { startServer, type TestServer } from "./servers.ts";

/** A request as it arrived at a scripted server. */
export interface Asked {
  readonly method: string;
  readonly target: string;
  readonly head: string;
  /** Of Content-Length, unframed. */
  readonly body: string;
  /** Which of the server's connections it came over, and which request of that one it is; from 0. */
  readonly connection: number;
  readonly turn: number;
}

export interface ScriptedServer extends TestServer {
  /** Whole requests so far, the oldest first. */
  readonly asked: readonly Asked[];
}

/**
 * `answer` is called for each whole request, and writes what it likes to the peer. `keepsOpen`: a
 * client that ends gets no end for it before the test says so.
 */
export async function startScripted(
  answer: (asked: Asked, peer: Peer) => void,
  keepsOpen = false,
): Promise<ScriptedServer> {
  const asked: Asked[] = [];
  let connections = 0;
  const server = await startServer((peer) => {
    const connection = connections++;
    let read = 0;
    let turn = 0;
    peer.socket.on("data", () => {
      for (;;) {
        const text = peer.text.slice(read);
        const headEnd = text.indexOf("\r\n\r\n") + 4;
        if (headEnd < 4) return;
        const head = text.slice(0, headEnd);
        const length = Number(/^content-length: *([0-9]+)\r$/im.exec(head)?.[1] ?? 0);
        if (text.length < headEnd + length) return;
        read += headEnd + length;
        const [method = "", target = ""] = head.split(" ");
        const body = text.slice(headEnd, headEnd + length);
        const one: Asked = { method, target, head, body, connection, turn: turn++ };
        asked.push(one);
        answer(one, peer);
      }
    });
    // Who ends gets an end.
    if (!keepsOpen) peer.socket.on("end", () => peer.end());
  });
  return { ...server, asked };
}

/** A whole response. `fields`: lines without their ends. */
export function response(body: string, fields: readonly string[] = [], status = 200): string {
  const lines = [`HTTP/1.1 ${status} Fine`, ...fields, `Content-Length: ${body.length}`];
  return `${lines.join("\r\n")}\r\n\r\n${body}`;
}

/** Answers each request with which connection and turn it was. */
export function tells({ connection, turn, method }: Asked, peer: Peer): void {
  const whole = response(`${connection}.${turn}`);
  peer.write(method === "HEAD" ? whole.slice(0, whole.indexOf("\r\n\r\n") + 4) : whole);
}
