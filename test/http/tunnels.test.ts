// What is no plain question and answer: upgraded connections, streams, and ends in the middle.
import { expect, test } from "vitest";
import { Asker, startHttp } from "../support/http-ballast.ts";
import { response, startScripted, tells } from "../support/scripted.ts";
import { until } from "../support/until.ts";

const upgrade = ["Connection: Upgrade", "Upgrade: websocket"];
const switching =
  "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";

test("after 101 bytes flow both ways, and each side's end is passed on by itself", async () => {
  const server = await startScripted(({ target }, peer) => {
    if (target === "/no") peer.write(response("no upgrade here"));
    else peer.write(`${switching}at once`);
  }, true);
  const ballast = await startHttp({ all: { servers: { s: server.address } } });
  const client = await Asker.connect(ballast.at("all"));
  // Who is refused goes on with HTTP.
  expect((await client.ask("/no", { fields: upgrade })).body).toBe("no upgrade here");
  client.send("/yes", { fields: upgrade });
  // It does not wait for the server's consent.
  client.peer.write("early");
  await client.peer.untilText("at once");
  expect((await client.next()).fields["upgrade"]).toBe("websocket");
  expect(server.asked.at(-1)?.head).toMatch(/^upgrade: websocket\r$/im);
  const peer = await server.peer();
  await peer.untilText("early");
  const large = "x".repeat(300_000);
  client.peer.write(large);
  await peer.untilText(large);
  peer.write(large);
  await client.peer.untilText(large);
  client.peer.end("last words");
  expect(await peer.untilEnding()).toBe("fin");
  peer.write("and an answer to them");
  await client.peer.untilText("and an answer to them");
  peer.end();
  expect(await client.peer.untilEnding()).toBe("fin");
  await ballast.untilIdle();
  expect(server.peers).toHaveLength(1);
  // And it is nobody's connection afterwards.
  const other = await Asker.connect(ballast.at("all"));
  other.send("/no");
  expect((await other.next()).body).toBe("no upgrade here");
  expect(server.peers).toHaveLength(2);
});

test("CONNECT becomes a tunnel when the server agrees, and a reset ends both sides of it", async () => {
  const server = await startScripted(({ method }, peer) => {
    peer.write(method === "CONNECT" ? "HTTP/1.1 200 Go on\r\n\r\n" : response("?"));
  });
  const ballast = await startHttp({ all: { servers: { s: server.address } } });
  const client = await Asker.connect(ballast.at("all"));
  client.peer.write("CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n\r\n");
  await client.peer.untilText("\r\n\r\n");
  expect(client.peer.text).toMatch(/^HTTP\/1.1 200 /);
  client.peer.write("\0\x01bytes");
  const peer = await server.peer();
  await peer.untilText("\0\x01bytes");
  peer.write("more bytes");
  await client.peer.untilText("more bytes");
  client.peer.reset();
  await peer.untilEnding();
  await ballast.untilIdle();
});

test("events are passed on as they come, with and without chunks", async () => {
  const server = await startScripted(({ target }, peer) => {
    const framing = target === "/chunks" ? "Transfer-Encoding: chunked\r\n" : "";
    peer.write(`HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n${framing}\r\n`);
  });
  const ballast = await startHttp({ all: { servers: { s: server.address }, reuse: "never" } });
  for (const [i, target] of ["/chunks", "/close"].entries()) {
    const client = await Asker.connect(ballast.at("all"));
    client.send(target);
    await client.peer.untilText("text/event-stream");
    const peer = await server.peer(i);
    for (const event of ["data: 1\n\n", "data: 22\n\n", "data: 333\n\n"]) {
      const chunk = `${event.length.toString(16)}\r\n${event}\r\n`;
      peer.write(target === "/chunks" ? chunk : event);
      await client.peer.untilText(event);
    }
    if (target === "/chunks") peer.write("0\r\n\r\n");
    else peer.end();
    expect((await client.next()).body).toBe("data: 1\n\ndata: 22\n\ndata: 333\n\n");
    client.peer.reset();
  }
  await ballast.untilIdle();
});

test("a client that goes away while it waits or reads takes its request along at once", async () => {
  const server = await startScripted((asked, peer) => {
    if (asked.target === "/first") tells(asked, peer);
    if (asked.target === "/streams") {
      peer.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n");
    }
  });
  const ballast = await startHttp({ all: { servers: { s: server.address }, reuse: "never" } });
  const leave = {
    reset: ({ peer }: Asker) => peer.reset(),
    fin: ({ peer }: Asker) => peer.end(),
  } as const;
  let connections = 0;
  for (const how of ["reset", "fin"] as const) {
    for (const target of ["/polls", "/streams", "/pipelined"]) {
      const client = await Asker.connect(ballast.at("all"));
      if (target === "/pipelined") {
        const head = "Host: example.com\r\n\r\n";
        client.peer.write(`GET /first HTTP/1.1\r\n${head}GET /last HTTP/1.1\r\n${head}`);
        await client.next();
        connections++;
      } else client.send(target);
      const asked = connections + 1;
      await until("it to be asked", () => server.asked.length === asked);
      const peer = await server.peer(connections++);
      if (target === "/streams") await client.peer.untilText("1\r\nx\r\n");
      leave[how](client);
      await peer.untilEnding();
      await ballast.untilIdle();
    }
  }
  expect(ballast.frontend("all").clientAborts).toBe(6);
});

test("a response that the server cuts short reaches no client as a whole one", async () => {
  const heads = {
    length: "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf",
    chunks: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n8\r\nhalf",
    close: "HTTP/1.1 200 OK\r\n\r\nhalf",
    large: `HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n${"x".repeat(200_000)}`,
  };
  const server = await startScripted(({ target }, peer) => {
    peer.write(heads[target.slice(1) as keyof typeof heads]);
  });
  const ballast = await startHttp({ all: { servers: { s: server.address } } });
  let connections = 0;
  const kinds = Object.entries(heads);
  const cut = async (kind: string, head: string, how: "reset" | "end"): Promise<Asker> => {
    const client = await Asker.connect(ballast.at("all"));
    client.send(`/${kind}`);
    // Bytes that arrive together with the reset would make the client's runtime report an end.
    await client.peer.untilText(head.slice(head.search(/x|half/)));
    const peer = await server.peer(connections++);
    peer[how]();
    return client;
  };
  for (const [kind, head] of kinds) await (await cut(kind, head, "reset")).peer.untilReset();
  for (const [kind, head] of kinds.filter(([name]) => name !== "close")) {
    await (await cut(kind, head, "end")).peer.untilReset();
  }
  // Without a length an orderly end is the end of the response, and our chunks say so.
  const whole = await cut("close", heads.close, "end");
  expect((await whole.next()).body).toBe("half");
  whole.peer.reset();
  await ballast.untilIdle();
  expect(ballast.frontend("all")).toMatchObject({ serverAborts: 7 });
});
