// Questions to responders that misbehave.
import type { ServerResponse } from "node:http";
import { type AddressInfo, createServer } from "node:net";
import { expect, test } from "vitest";
import { atTestEnd } from "../../../../test/support/leftovers.ts";
import { refusingAddress } from "../../../../test/support/refusing.ts";
import { type Responder, startResponder } from "../../../../test/support/responder.ts";
import { until, within } from "../../../../test/support/until.ts";
import { answerBytesMax, ask, AskingError } from "./asking.ts";

const question = new Uint8Array(Buffer.from("question"));

function asked(url: string, timeoutMs = 60_000, signal = new AbortController().signal) {
  return ask(url, question, { timeoutMs, signal });
}

async function failure(url: string, timeoutMs?: number): Promise<string> {
  const error: unknown = await asked(url, timeoutMs).then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(AskingError);
  return (error as AskingError).message;
}

/** Sends until it can no more. */
function flood(response: ServerResponse): void {
  const piece = Buffer.alloc(16 * 1024);
  // Who is told to wait, and nobody else, hears of the room again.
  const more = (): void => {
    while (response.write(piece));
  };
  response.on("drain", more);
  more();
}

/** A server beneath HTTP that answers with `text` and, `ends`, closes. Its URL. */
async function startRaw(text: string, ends = true): Promise<string> {
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", () => void (ends ? socket.end(text) : socket.write(text)));
    atTestEnd(() => void socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  atTestEnd(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

async function redirecting(status: number, location: (responder: Responder) => string) {
  const responder = await startResponder();
  responder.answer((response, { path }) => {
    if (path === "/here") response.end("answer");
    else response.writeHead(status, { location: location(responder) }).end();
  });
  return responder;
}

test("a question is posted, and the whole answer comes back", async () => {
  const responder = await startResponder();
  const answer = Buffer.alloc(answerBytesMax, "answer");
  responder.answer(answer);
  const received = await asked(`${responder.url}path?query`);
  expect(Buffer.from(received).equals(answer)).toBe(true);
  expect(responder.asked).toEqual([
    {
      method: "POST",
      path: "/path?query",
      contentType: "application/ocsp-request",
      body: Buffer.from(question),
    },
  ]);
});

test("what does not come within the time is not waited for", async () => {
  const responder = await startResponder();
  responder.answer(() => {});
  expect(await failure(responder.url, 20)).toBe("no whole answer within 0.02 s");
  responder.answer((response) => void response.writeHead(200).write("a"));
  expect(await failure(responder.url, 20)).toBe("no whole answer within 0.02 s");
});

test("a body that never ends is cut off", async () => {
  const responder = await startResponder();
  const closed = new Promise<void>((resolve) => {
    responder.answer((response) => {
      response.once("close", resolve);
      flood(response);
    });
  });
  expect(await failure(responder.url)).toBe("its answer is longer than 64 KiB");
  await within("the connection's end", closed);
});

test("statuses other than 200, and what is no HTTP", async () => {
  const responder = await startResponder();
  responder.answer((response) => void response.writeHead(500).end());
  expect(await failure(responder.url)).toBe("it answers 500");
  expect(await failure(await startRaw("SSH-2.0-x\r\n\r\n"))).toMatch(/^Parse Error/);
  expect(await failure(await startRaw(""))).toBe("socket hang up");
  const cut = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc";
  expect(await failure(await startRaw(cut))).toBe("aborted");
  const upgrade = "HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n";
  expect(await failure(await startRaw(upgrade, false))).toMatch(/without an answer|hang up/);
});

test("nobody listens", async () => {
  expect(await failure(`http://${refusingAddress()}/`)).toMatch(/ECONNREFUSED/);
});

test("a redirect is followed, twice at most, by HTTP only", async () => {
  for (const status of [301, 302, 307, 308]) {
    const responder = await redirecting(status, () => "/here");
    expect(Buffer.from(await asked(responder.url)).toString()).toBe("answer");
    expect(responder.asked[1]).toEqual({ ...responder.asked[0], path: "/here" });
  }
  const round = await redirecting(302, ({ url }) => url);
  expect(await failure(round.url)).toBe("it leads to other places more than 2 times");
  expect(round.asked).toHaveLength(3);
  const toFile = await redirecting(302, () => "file:///etc/hostname");
  expect(await failure(toFile.url)).toBe("it leads to another place that is not HTTP");
  const nowhere = await redirecting(302, () => "http://[");
  expect(await failure(nowhere.url)).toBe("it leads to another place that is none");
});

test("who gives up closes the connection", async () => {
  const responder = await startResponder();
  const closed = new Promise<void>((resolve) => {
    responder.answer((response) => void response.once("close", resolve));
  });
  const giving = new AbortController();
  const answer = asked(responder.url, 60_000, giving.signal);
  await until("the question", () => responder.asked.length === 1);
  giving.abort();
  await expect(answer).rejects.toThrow(AskingError);
  await within("the connection's end", closed);
});
