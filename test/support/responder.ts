// OCSP responders for tests: they answer as they are told, or as OpenSSL does. What they open is closed
// when the test ends.
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Authority } from "./authority.ts";
import { atTestEnd } from "./leftovers.ts";

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly contentType: string;
  readonly body: Buffer;
}

export interface Responder {
  readonly url: string;
  /** All questions, oldest first. */
  readonly asked: readonly Asked[];
  /** From now on it answers so: with these bytes, or as the function does. */
  answer(how: Uint8Array | ((response: ServerResponse, asked: Asked) => void)): void;
}

function unavailable(response: ServerResponse): void {
  response.writeHead(503).end();
}

/** Answers 503 until it is told something better. */
export async function startResponder(): Promise<Responder> {
  const asked: Asked[] = [];
  let respond: (response: ServerResponse, asked: Asked) => void = unavailable;
  const server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on("data", (piece: Buffer) => pieces.push(piece));
    request.on("end", () => {
      const { method = "", url = "", headers } = request;
      const contentType = headers["content-type"] ?? "";
      const question = { method, path: url, contentType, body: Buffer.concat(pieces) };
      asked.push(question);
      respond(response, question);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  atTestEnd(async () => {
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    asked,
    answer: (how) => {
      respond = typeof how === "function" ? how : (response) => void response.end(how);
    },
  };
}

/** One that has OpenSSL answer in the name of `authority`, by what is issued and revoked at that moment. */
export async function startOpensslResponder(authority: Authority): Promise<Responder> {
  const responder = await startResponder();
  responder.answer((response, { body }) => void response.end(authority.ocspAnswer(body)));
  return responder;
}
