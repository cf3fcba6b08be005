// http mode's main job: a request reaches a server, its response the client.
import { describe, expect, it } from "vitest";
import { startBallast } from "../support/ballast.ts";
import { connectClient } from "../support/clients.ts";
import { httpConfig, named, nextResponse, request, startHttpServer } from "../support/http.ts";
import { reactors } from "../support/tcp-config.ts";

describe.each(reactors)("a request on the %s reactor", (reactor) => {
  it("reaches a server, and the response the client", async () => {
    const server = await startHttpServer((asked, response) => {
      response.setHeader("x-seen", `${asked.method} ${asked.url}`);
      response.end(`hello ${asked.headers.host}`);
    });
    const config = httpConfig({ s1: server.address }, { global: { reactor } });
    const ballast = await startBallast(config);
    const response = await request(ballast.address, "/a?b=c");
    expect(response.status).toBe(200);
    expect(response.fields["x-seen"]).toBe("GET /a?b=c");
    expect(response.body).toBe("hello example.com");
  });

  it("follows another on the same connection, over the same connection to the server", async () => {
    const server = await startHttpServer(named("one"));
    const ballast = await startBallast(httpConfig({ s1: server.address }, { global: { reactor } }));
    const client = await connectClient(ballast.address);
    client.write("GET /1 HTTP/1.1\r\nHost: a\r\n\r\n");
    const first = await nextResponse(client);
    const from = client.bytes;
    client.write("GET /2 HTTP/1.1\r\nHost: a\r\n\r\n");
    const second = await nextResponse(client, from);
    expect([first.body, second.body]).toEqual(["one", "one"]);
    expect(server.connections).toHaveLength(1);
    expect(server.requests.map(({ url }) => url)).toEqual(["/1", "/2"]);
  });
});
