// The http check against servers that answer well, badly, and not at all.
import { describe, expect, it } from "vitest";
import { asks, probe } from "../support/checks.ts";
import { refusingAddress } from "../support/refusing.ts";
import { type Behaviour, startServer } from "../support/servers.ts";

/** For what ends by itself; the others wait this long in vain. */
const patientMs = 5000;
const shortMs = 300;

/** Answers whatever comes first with these pieces, one write each; ends or not. */
function answers(pieces: readonly string[], end = true): Behaviour {
  return (peer) => {
    peer.socket.setNoDelay(true);
    peer.socket.once("data", () => {
      let at = 0;
      const next = (): void => {
        if (at < pieces.length) peer.socket.write(pieces[at++] ?? "", () => setImmediate(next));
        else if (end) peer.end();
      };
      next();
    });
  };
}

/** Repeats `piece` after `start` for as long as somebody takes it. */
function neverEnds(start: string, piece: string): Behaviour {
  return (peer) => {
    peer.socket.once("data", () => {
      peer.write(start);
      const more = (): void => {
        if (peer.socket.destroyed) return;
        if (peer.socket.write(piece)) setImmediate(more);
        else peer.socket.once("drain", more);
      };
      more();
    });
  };
}

async function found(
  behaviour: Behaviour,
  settings: Parameters<typeof asks>[0] = {},
  timeoutMs: number = patientMs,
): Promise<string> {
  const server = await startServer(behaviour);
  const { ok, text } = await probe(server.address, { probe: asks(settings), timeoutMs });
  return `${ok ? "up" : "down"}: ${text}`;
}

const head = "HTTP/1.1 200 OK\r\n";
const text = (word: string, regex = false): { body: { text: string; regex: boolean } } => ({
  body: { text: word, regex },
});

describe("the request", () => {
  it("has the method, path, host and headers of the check, and closes", async () => {
    const server = await startServer(answers([`${head}\r\n`]));
    const headers = { "X-Token": "a b", Accept: "*/*" };
    const settings = { method: "HEAD", path: "/ok?deep=1", host: "app.example", headers };
    await probe(server.address, { probe: asks(settings) });
    expect(server.peers[0]?.text).toBe(
      "HEAD /ok?deep=1 HTTP/1.1\r\nHost: app.example\r\nConnection: close\r\n" +
        "User-Agent: ballast-check\r\nX-Token: a b\r\nAccept: */*\r\n\r\n",
    );
  });

  it("names the server's address where the check has no host", async () => {
    const server = await startServer(answers([`${head}\r\n`]));
    await probe(server.address, { probe: asks() });
    expect(server.peers[0]?.text).toContain(`\r\nHost: ${server.address}\r\n`);
  });

  it("has each header once, the check's own in place of ours", async () => {
    const server = await startServer(answers([`${head}\r\n`]));
    await probe(server.address, { probe: asks({ headers: { HOST: "h", "user-agent": "u" } }) });
    expect(server.peers[0]?.text).toBe(
      "GET / HTTP/1.1\r\nConnection: close\r\nHOST: h\r\nuser-agent: u\r\n\r\n",
    );
  });
});

describe("the status", () => {
  it.each([
    [200, "up: status 200"],
    [399, "up: status 399"],
    [400, "down: status 400"],
    [503, "down: status 503"],
  ])("%i within 200-399 is as it should be", async (status, expected) => {
    expect(await found(answers([`HTTP/1.1 ${status} Words\r\n\r\n`]))).toBe(expected);
  });

  it("may be one of several ranges, in version 1.0, without words, in pieces", async () => {
    const statuses = [[200, 204] as const, [401, 401] as const];
    const pieces = "HTTP/1.0 401\r\n".split("");
    expect(await found(answers(pieces, false), { statuses })).toBe("up: status 401");
  });

  it("is enough: without a body to look for nothing else is waited for", async () => {
    expect(await found(answers([head], false))).toBe("up: status 200");
  });

  it("is the one that follows interim answers", async () => {
    const pieces = ["HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n", "\r\n"];
    expect(await found(answers([...pieces, "HTTP/1.1 503 No\r\n\r\n"]))).toBe("down: status 503");
  });
});

describe("the body", () => {
  const sized = `${head}Content-Length: 10\r\n\r\n`;

  it.each([
    ["contains the text", [`${head}\r\nall is `, "well"], text("is well"), 'contain "is well"'],
    [
      "matches in time",
      [`${head}\r\n${"a".repeat(9000)}!`],
      text("^(a+)+!$", true),
      "match /^(a+)+!$/",
    ],
    ["matches", [sized, "v=12", "345678"], text("v=\\d{8}$", true), "match /v=\\d{8}$/"],
    [
      "contains text that is not ASCII",
      [`${head}\r\nschön`],
      text("schön"),
      'contain "sch\\u00f6n"',
    ],
  ])("is good when it %s", async (_, pieces, settings, shown) => {
    expect(await found(answers(pieces), settings)).toBe(`up: status 200, the body does ${shown}`);
  });

  it("is joined from its chunks", async () => {
    const chunks = ["5;ext=1\r\nall i\r\n", "6\r\ns well\r\n0\r\n\r\n"];
    const answer = answers([`${head}Transfer-Encoding: chunked\r\n\r\n`, ...chunks], false);
    expect(await found(answer, text("is well"))).toContain("up: status 200");
    expect(await found(answer, text("ill"))).toBe(
      'down: status 200, the body does not contain "ill"',
    );
  });

  it("is judged at its length, though the server keeps the connection", async () => {
    const answer = answers([sized, "0123456789ok"], false);
    expect(await found(answer, text("ok"))).toBe(
      'down: status 200, the body does not contain "ok"',
    );
  });

  it("ends with the connection", async () => {
    const answer = answers([`${head}\r\n`, "no"]);
    expect(await found(answer, text("ok"))).toBe(
      'down: status 200, the body does not contain "ok"',
    );
  });

  it("does not save a bad status, and a header is no body", async () => {
    expect(await found(answers(["HTTP/1.1 500 ok\r\n\r\nok"]), text("ok"))).toBe(
      "down: status 500",
    );
    expect(await found(answers([`${head}X: ok\r\n\r\nno`]), text("ok"))).toContain(
      "does not contain",
    );
  });

  it("is not there in the answer to HEAD", async () => {
    const settings = { method: "HEAD", ...text("ok") };
    const answer = answers([`${head}Content-Length: 2\r\n\r\n`], false);
    expect(await found(answer, settings)).toContain("does not contain");
  });
});

describe("a bad server fails with what was wrong:", () => {
  const body = text("never there");

  it.each<[string, Behaviour, object, string]>([
    ["it says nothing", () => {}, {}, "no answer within 300ms"],
    [
      "it speaks something else",
      (peer) => peer.write("SSH-2.0-x\r\n"),
      {},
      'not HTTP: "SSH-2.0-x\\r"',
    ],
    ["its garbage has no line end", (peer) => peer.write("\0\x01\xff"), {}, "not HTTP: "],
    ["its status is none", answers(["HTTP/1.1 2000 x\r\n"]), {}, "not HTTP: "],
    ["its version is none", answers(["HTTP/2.0 200 x\r\n"]), {}, "not HTTP: "],
    ["its status line stops", answers(["HTTP/1."], false), {}, "no whole status line within 300ms"],
    ["its status line has no end", neverEnds("HTTP/1.1 200 ", "a".repeat(1000)), {}, "not HTTP: "],
    ["its header stops", answers([head], false), body, "no end of the header within 300ms"],
    [
      "its header has no end",
      neverEnds(head, "X: y\r\n".repeat(200)),
      body,
      "its header has no end in 64 KiB",
    ],
    ["its body stops", answers([`${head}\r\n`], false), body, "within 300ms"],
    [
      "its body has no end",
      neverEnds(`${head}\r\n`, "bytes".repeat(200)),
      body,
      "in its first 64 KiB",
    ],
    [
      "it only ever says 100",
      neverEnds("", "HTTP/1.1 100 C\r\n\r\n"),
      {},
      "no answer within 300ms",
    ],
    ["it closes", (peer) => peer.end(), {}, "closed without an answer"],
    ["it closes early", answers(["HTTP/1.1 2"]), {}, "closed inside its status line"],
    ["it closes in its header", answers([head]), body, "closed inside its header"],
    ["it resets", (peer) => peer.reset(), {}, "connection reset"],
  ])("%s", async (_, behaviour, settings, expected) => {
    const timeoutMs = expected.includes("300ms") ? shortMs : patientMs;
    const result = await found(behaviour, settings, timeoutMs);
    expect(result).toContain(`down: `);
    expect(result).toContain(expected);
    // Whatever the server says, a log line is one printable line.
    expect(result).toMatch(/^[\x20-\x7e]{1,160}$/);
  });

  it("nobody listens", async () => {
    const { ok, text: said } = await probe(refusingAddress(), { probe: asks() });
    expect({ ok, said }).toEqual({ ok: false, said: "connection refused" });
  });
});
