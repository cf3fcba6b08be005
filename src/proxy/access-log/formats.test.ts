import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatAddress, type SocketAddress } from "../../config/address.ts";
import { Ended, Phase, terminationCode } from "../termination.ts";
import { formatClf } from "./clf.ts";
import { formatHaproxy } from "./haproxy.ts";
import { formatJson } from "./json.ts";
import { SessionRecord } from "./record.ts";
import { accessFormats } from "./registry.ts";

const utcMs = Date.UTC(2026, 10, 20, 22, 50, 39, 35);

/** Accepted at 22:40:35.023 local time wherever the test runs; every other field is unlike the rest. */
function sampleRecord(changes: Partial<SessionRecord> = {}): SessionRecord {
  const sample: SessionRecord = {
    acceptedAtMs: new Date(2026, 10, 20, 22, 40, 35, 23).getTime(),
    client: { family: "ipv4", host: "192.0.2.1", port: 33_313 },
    peer: null,
    bind: { family: "ipv4", host: "127.0.0.1", port: 80 },
    bindId: 2,
    sni: "",
    tls: null,
    frontend: "fnt",
    route: "",
    backend: "bck",
    server: "srv1",
    serverAddress: { family: "ipv4", host: "127.0.0.2", port: 8001 },
    handshakeMs: 1,
    queueMs: 3,
    connectMs: 5,
    totalMs: 5007,
    bytesIn: 317,
    bytesOut: 212,
    ended: Ended.client,
    phase: Phase.data,
    retries: 4,
    reason: "",
    redispatched: false,
    actconn: 16,
    feconn: 15,
    beconn: 14,
    srvconn: 13,
    srvQueue: 12,
    backendQueue: 11,
  };
  return Object.assign(new SessionRecord(), sample, changes);
}

/** A session that ended before anything was chosen. */
function rejectedRecord(): SessionRecord {
  return sampleRecord({
    backend: "",
    server: "",
    serverAddress: null,
    queueMs: -1,
    connectMs: -1,
    totalMs: 0,
    bytesIn: 0,
    bytesOut: 0,
    ended: Ended.proxy,
    phase: Phase.request,
    retries: 0,
    beconn: 0,
    srvconn: 0,
    srvQueue: 0,
    backendQueue: 0,
  });
}

/** What HAProxy counted when a session was the only one, and had left its backend. */
const onlyOne = { actconn: 1, feconn: 1, beconn: 0, srvconn: 0, srvQueue: 0, backendQueue: 0 };

describe("the haproxy line", () => {
  it("has the layout of option tcplog", () => {
    expect(formatHaproxy(sampleRecord())).toBe(
      "192.0.2.1:33313 [20/Nov/2026:22:40:35.023] fnt bck/srv1 3/5/5007 212 CD 16/15/14/13/4 12/11\n",
    );
  });

  it("is what HAProxy 2.6 wrote of a session that it redispatched in vain", () => {
    const record = sampleRecord({
      acceptedAtMs: new Date(2026, 10, 20, 22, 50, 39, 436).getTime(),
      client: { family: "ipv4", host: "127.0.0.1", port: 45_980 },
      frontend: "nosrv",
      backend: "dead",
      server: "d1",
      queueMs: 1,
      connectMs: -1,
      totalMs: 0,
      bytesOut: 0,
      ended: Ended.server,
      phase: Phase.connect,
      retries: 2,
      redispatched: true,
      ...onlyOne,
    });
    expect(formatHaproxy(record)).toBe(
      "127.0.0.1:45980 [20/Nov/2026:22:50:39.436] nosrv dead/d1 1/-1/0 0 SC 1/1/0/0/+2 0/0\n",
    );
  });

  it("names the frontend as backend and <NOSRV> as server when none was chosen", () => {
    expect(formatHaproxy(rejectedRecord())).toBe(
      "192.0.2.1:33313 [20/Nov/2026:22:40:35.023] fnt fnt/<NOSRV> -1/-1/0 0 PR 16/15/0/0/0 0/0\n",
    );
  });

  it("shows a unix client as the bind's number, whatever its path", () => {
    const record = sampleRecord({ client: { family: "unix", path: "/a b\n" } });
    expect(formatHaproxy(record)).toMatch(/^unix:2 \[20\/Nov/u);
  });

  it("shows an IPv6 client without brackets", () => {
    const record = sampleRecord({ client: { family: "ipv6", host: "2001:db8::1", port: 80 } });
    expect(formatHaproxy(record)).toMatch(/^2001:db8::1:80 \[/u);
  });
});

describe("the clf line", () => {
  it("has the layout of option tcplog clf, its last space included", () => {
    expect(formatClf(sampleRecord({ acceptedAtMs: utcMs }))).toBe(
      '192.0.2.1 - - [20/Nov/2026:22:50:39 +0000] "TCP " 000 212 "" "" 33313 035 ' +
        '"fnt" "bck" "srv1" 1 3 5 5007 317 CD-- 16 15 14 13 4 12 11 "" "" \n',
    );
  });

  it("is what HAProxy 2.6 wrote of a session from a unix socket", () => {
    const record = sampleRecord({
      acceptedAtMs: Date.UTC(2026, 10, 20, 22, 50, 39, 441),
      client: { family: "unix", path: "/run/clf.sock" },
      frontend: "clf",
      backend: "echo",
      server: "e1",
      handshakeMs: 0,
      queueMs: 1,
      connectMs: 0,
      totalMs: 0,
      bytesIn: 5,
      bytesOut: 20,
      ended: Ended.normal,
      phase: Phase.done,
      retries: 0,
      ...onlyOne,
    });
    expect(formatClf(record)).toBe(
      'unix - - [20/Nov/2026:22:50:39 +0000] "TCP " 000 20 "" "" 2 441 ' +
        '"clf" "echo" "e1" 0 1 0 0 5 ---- 1 1 0 0 0 0 0 "" "" \n',
    );
  });

  it("says -1 of phases never reached, and counts a redispatch with a plus sign", () => {
    const record = Object.assign(rejectedRecord(), {
      acceptedAtMs: utcMs,
      retries: 3,
      redispatched: true,
    });
    expect(formatClf(record)).toBe(
      '192.0.2.1 - - [20/Nov/2026:22:50:39 +0000] "TCP " 000 0 "" "" 33313 035 ' +
        '"fnt" "fnt" "<NOSRV>" 1 -1 -1 0 0 PR-- 16 15 0 0 +3 0 0 "" "" \n',
    );
  });
});

describe("the json line", () => {
  it("is one flat object", () => {
    expect(formatJson(sampleRecord({ acceptedAtMs: utcMs }))).toBe(
      '{"time":"2026-11-20T22:50:39.035Z","frontend":"fnt","backend":"bck","server":"srv1",' +
        '"client":"192.0.2.1:33313","bind":"127.0.0.1:80","serverAddress":"127.0.0.2:8001",' +
        '"handshakeMs":1,"queueMs":3,"connectMs":5,"totalMs":5007,"bytesIn":317,"bytesOut":212,' +
        '"termination":"CD","retries":4,"redispatched":false,"actconn":16,"feconn":15,"beconn":14,' +
        '"srvconn":13,"srvQueue":12,"backendQueue":11}\n',
    );
  });

  it("has the peer beside the client when a PROXY protocol header told of another", () => {
    const peer: SocketAddress = { family: "ipv6", host: "::1", port: 9 };
    const line = formatJson(sampleRecord({ peer }));
    expect(line).toContain('"client":"192.0.2.1:33313","peer":"[::1]:9","bind"');
  });

  it("names the server asked for and the route, where there are any", () => {
    const line = formatJson(sampleRecord({ sni: "a.example", route: "by name" }));
    expect(line).toContain('"bind":"127.0.0.1:80","sni":"a.example","serverAddress"');
    expect(line).toMatch(/,"route":"by name"\}\n$/);
  });

  it("says what a session never reached", () => {
    expect(JSON.parse(formatJson(rejectedRecord()))).toMatchObject({
      backend: "",
      server: "",
      serverAddress: null,
      queueMs: -1,
      connectMs: -1,
      termination: "PR",
    });
  });

  it("has the reason of a failure behind its termination code", () => {
    const line = formatJson(sampleRecord({ reason: 'said "no"' }));
    expect(line).toContain('"termination":"CD","reason":"said \\"no\\"","retries":4');
  });
});

const text = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.constantFrom("web", '"', "\\", "\n\u2028", "\u0000"),
);
const ip = fc.constantFrom<SocketAddress>(
  { family: "ipv4", host: "192.0.2.7", port: 0 },
  { family: "ipv6", host: "2001:db8::7", port: 65_535 },
);
const unix = text.map((path): SocketAddress => ({ family: "unix", path }));
const address = fc.oneof(ip, unix);
const count = fc.maxSafeNat();
const duration = fc.integer({ min: -1 });

describe("any record", () => {
  it("reads back as the same fields from one line, whatever names and paths hold", () => {
    const record = fc.record({
      acceptedAtMs: fc
        .date({ min: new Date(0), max: new Date("2999-12-31"), noInvalidDate: true })
        .map(Number),
      client: address,
      peer: fc.option(address),
      bind: address,
      frontend: text,
      backend: text,
      server: text,
      serverAddress: fc.option(address),
      handshakeMs: duration,
      queueMs: duration,
      connectMs: duration,
      totalMs: duration,
      bytesIn: count,
      bytesOut: count,
      ended: fc.constantFrom(...Object.values(Ended)),
      phase: fc.constantFrom(...Object.values(Phase)),
      retries: count,
      redispatched: fc.boolean(),
      actconn: count,
      feconn: count,
      beconn: count,
      srvconn: count,
      srvQueue: count,
      backendQueue: count,
    });
    fc.assert(
      fc.property(record, (fields) => {
        const line = formatJson(sampleRecord(fields));
        const {
          acceptedAtMs: accepted,
          client,
          peer,
          bind,
          serverAddress,
          ended,
          phase,
          ...same
        } = fields;
        expect(line.indexOf("\n")).toBe(line.length - 1);
        expect(JSON.parse(line)).toEqual({
          ...same,
          time: new Date(accepted).toISOString(),
          client: formatAddress(client),
          ...(peer === null ? {} : { peer: formatAddress(peer) }),
          bind: formatAddress(bind),
          serverAddress: serverAddress === null ? null : formatAddress(serverAddress),
          termination: terminationCode(ended, phase),
        });
      }),
      { numRuns: 300 },
    );
  });
});

it("every format gives exactly one line, and a line of its own", () => {
  const lines = Object.values(accessFormats).map((format) => format(sampleRecord()));
  expect(lines.map((line) => line.indexOf("\n"))).toEqual(lines.map((line) => line.length - 1));
  expect(accessFormats.haproxy(sampleRecord())).toContain(" bck/srv1 ");
  expect(accessFormats.clf(sampleRecord())).toContain('"TCP "');
  expect(JSON.parse(accessFormats.json(sampleRecord()))).toMatchObject({ server: "srv1" });
});
