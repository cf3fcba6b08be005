// A response whose head is fine and whose body is junk ends with its client's connection. Its head was about to be
// sent: nobody else gets it, nor anything of what the worker remembers.
import { expect, it } from "vitest";
import { startScriptedServer } from "../support/http-exchange.ts";
import { Asker, startHttp } from "../support/http-ballast.ts";
import type { Peer } from "../support/peer.ts";
import { until } from "../support/until.ts";

const junk = "HTTP/1.1 200 OK\r\nX-Of: another\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n";

it("is not in the middle of somebody else's body", async () => {
  const slow: Peer[] = [];
  const server = await startScriptedServer({
    "/bad": (peer) => peer.write(junk),
    "/slow": (peer) => {
      slow.push(peer);
      peer.write("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nabc");
    },
  });
  const ballast = await startHttp({ web: { servers: { s1: server.address } } });
  const waits = await Asker.connect(ballast.at("web"));
  waits.send("/slow");
  await waits.peer.untilText("abc");
  const cut = await Asker.connect(ballast.at("web"));
  cut.send("/bad");
  await until("its end", () => cut.peer.ending);
  slow[0]?.write("def");
  await waits.peer.untilText("def");
  expect((await waits.next()).body).toBe("abcdef");
  expect(waits.peer.text).not.toContain("another");
});

it("does not come before the next request, or the next response, however often it came", async () => {
  let count = 0;
  const slow: Peer[] = [];
  const server = await startScriptedServer({
    "/bad": (peer) => peer.write(junk),
    "/login": (peer) =>
      peer.write(`HTTP/1.1 200 OK\r\nSet-Cookie: secret${count++}\r\nContent-Length: 3\r\n\r\none`),
    "/slow": (peer) => slow.push(peer),
    "/next": (peer) => peer.write("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nnext"),
  });
  const ballast = await startHttp({ web: { servers: { s1: server.address } } });
  const other = await Asker.connect(ballast.at("web"));
  for (let time = 0; time < 20; time++) await other.ask("/login");
  const waits = await Asker.connect(ballast.at("web"));
  waits.send("/slow");
  await until("the request", () => slow.length > 0);
  for (let time = 0; time < 5; time++) {
    const cut = await Asker.connect(ballast.at("web"));
    cut.send("/bad");
    await until("its end", () => cut.peer.ending);
  }
  slow[0]?.write("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nnow");
  const late = await waits.next();
  expect([late.head, late.body]).toEqual(["HTTP/1.1 200 OK\r\ncontent-length: 3", "now"]);
  for (let time = 0; time < 3; time++) {
    const cut = await Asker.connect(ballast.at("web"));
    cut.send("/bad");
    await until("its end", () => cut.peer.ending);
  }
  const next = await Asker.connect(ballast.at("web"));
  expect((await next.ask("/next")).body).toBe("next");
  expect(
    server.peers.every(({ text }) =>
      /^(GET \/\w+ HTTP\/1\.1\r\nHost: example\.com\r\n\r\n)*$/.test(text),
    ),
  ).toBe(true);
});
