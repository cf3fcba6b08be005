// What a backend's own keys become in the plan: balance, stick, outlier, checks, slow start.
import { describe, expect, test } from "vitest";
import type { CheckPlan } from "./check-plan.ts";
import { parseConfig } from "./load.ts";
import type { BackendPlan } from "./plan.ts";

/** The backend that has `lines` beside its servers; no problem may be told. */
function backendWith(lines: string, servers = '{ a: ":1" }'): BackendPlan {
  const text = `frontends: { e: { mode: tcp, bind: ":80", backend: web } }
backends:
  web:
    servers: ${servers}
    ${lines}
  eu: { servers: { a: ":1" } }
  us: { servers: { a: ":1" } }
`;
  const { plan, problems } = parseConfig(text, "f", {}, { cpus: 1, ipv6: true });
  const about = problems.filter(({ message }) => !message.startsWith("no frontend uses"));
  expect(about).toEqual([]);
  const backend = plan?.backends[0];
  if (!backend) throw new Error("no plan");
  return backend;
}

function checkWith(lines: string, server = '{ address: ":1" }'): CheckPlan {
  const check = backendWith(lines, `{ a: ${server} }`).servers[0]?.check;
  if (!check) throw new Error("not checked");
  return check;
}

function bytes(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, "latin1"));
}

describe("balance", () => {
  test.each([
    ["leasttime", { policy: "leasttime", key: null, boundedLoad: 0 }],
    ["source", { policy: "ring", key: "source", boundedLoad: 0 }],
    ["{ hash: source }", { policy: "ring", key: "source", boundedLoad: 0 }],
    ["{ hash: sni, method: maglev }", { policy: "maglev", key: "sni", boundedLoad: 0 }],
    ["{ hash: sni, boundedLoad: 1.25 }", { policy: "ring", key: "sni", boundedLoad: 1.25 }],
  ])("%s", (balance, expected) => {
    expect(backendWith(`balance: ${balance}`).balance).toEqual(expected);
  });
});

test("limits, failover and what a backend does in trouble", () => {
  const lines = [
    "maxconn: 5",
    "maxqueue: 6",
    "failover: [us, eu]",
    "recoveryDelay: 1m",
    "panicThreshold: 50%",
    "allBackups: true",
    "slowstart: 30s",
    "onMarkedDown: shutdownSessions",
  ].join("\n    ");
  const servers = `{
      a: { address: ":1", maxconn: 3, maxqueue: 4, backup: true, disabled: true },
      b: { address: ":2", slowstart: { window: 5s, aggression: 1.5, minWeight: 20% }, onMarkedDown: keep },
      c: { address: ":3", slowstart: 0 }
    }`;
  expect(backendWith(lines, servers)).toMatchObject({
    maxconn: 5,
    maxqueue: 6,
    failover: ["us", "eu"],
    recoveryDelayMs: 60_000,
    panicThreshold: 50,
    allBackups: true,
    servers: [
      {
        maxconn: 3,
        maxqueue: 4,
        backup: true,
        disabled: true,
        slowstart: { windowMs: 30_000, aggression: 1, minPercent: 10 },
        shutdownSessions: true,
      },
      { slowstart: { windowMs: 5000, aggression: 1.5, minPercent: 20 }, shutdownSessions: false },
      { slowstart: null, shutdownSessions: true },
    ],
  });
  expect(backendWith("failover: eu").failover).toEqual(["eu"]);
  expect(backendWith("panicThreshold: 33.3").panicThreshold).toBe(33.3);
});

describe("stick", () => {
  test.each([
    ["{ on: source }", { key: "source", expireMs: 1_800_000, size: 102_400 }],
    ["{ on: sni, expire: 1h, size: 1M }", { key: "sni", expireMs: 3_600_000, size: 1_048_576 }],
    ["{ on: sni, size: 5000 }", { key: "sni", expireMs: 1_800_000, size: 5000 }],
  ])("%s", (stick, expected) => {
    expect(backendWith(`stick: ${stick}`).stick).toEqual(expected);
  });
});

describe("outlier", () => {
  const rest = {
    minSessions: 20,
    intervalMs: 10_000,
    ejectForMs: 30_000,
    ejectForMaxMs: 300_000,
    maxEjectedPercent: 50,
  };
  const five = { consecutiveErrors: 5, errorRate: 0, latencyFactor: 0, ...rest };

  test.each([
    ["{}", five],
    ["true", five],
    ["{ maxEjectedPercent: 10% }", { ...five, maxEjectedPercent: 10 }],
    ["{ errorRate: 50% }", { ...five, consecutiveErrors: 0, errorRate: 50 }],
    ["{ latencyFactor: 3 }", { ...five, consecutiveErrors: 0, latencyFactor: 3 }],
    [
      "{ consecutiveErrors: 2, errorRate: 9, minSessions: 1, interval: 1s, ejectFor: 2s, ejectForMax: 3s }",
      {
        ...five,
        consecutiveErrors: 2,
        errorRate: 9,
        minSessions: 1,
        intervalMs: 1000,
        ejectForMs: 2000,
        ejectForMaxMs: 3000,
      },
    ],
    ["off", null],
    ["false", null],
  ])("%s", (outlier, expected) => {
    expect(backendWith(`outlier: ${outlier}`).outlier).toEqual(expected);
  });
});

describe("a check", () => {
  const plain: CheckPlan = {
    probe: { kind: "tcp", steps: [] },
    intervalMs: 2000,
    fastIntervalMs: 2000,
    downIntervalMs: 2000,
    timeoutMs: 2000,
    rise: 2,
    fall: 3,
    address: null,
    port: 0,
    sendProxy: 0,
    tls: null,
    initState: "up",
  };

  test.each(["true", "{}", "{ tcp: {} }"])("%s connects, with HAProxy's numbers", (check) => {
    expect(checkWith(`check: ${check}`)).toEqual(plain);
  });

  test("takes the interval where other times are not written", () => {
    expect(checkWith("check: { interval: 5s }")).toMatchObject({
      intervalMs: 5000,
      fastIntervalMs: 5000,
      downIntervalMs: 5000,
      timeoutMs: 5000,
    });
  });

  test("says what the file says", () => {
    const check =
      "check: { interval: 5s, timeout: 1s, fastInterval: 500ms, downInterval: 9s, rise: 1, fall: 2, " +
      "address: app.example:80, port: 81, sendProxy: v2, initState: fullyDown }";
    expect(checkWith(check)).toEqual({
      probe: { kind: "tcp", steps: [] },
      intervalMs: 5000,
      fastIntervalMs: 500,
      downIntervalMs: 9000,
      timeoutMs: 1000,
      rise: 1,
      fall: 2,
      address: { family: "name", host: "app.example", port: 80 },
      port: 81,
      sendProxy: 2,
      tls: null,
      initState: "fullyDown",
    });
  });

  test.each([
    ["without a word", "", '{ address: ":1" }'],
    ["with check: off", "check: off", '{ address: ":1" }'],
    ["with check: false at the server", "check: {}", '{ address: ":1", check: false }'],
    ["with check: off at the server", "check: {}", '{ address: ":1", check: off }'],
  ])("is not made %s", (_title, lines, server) => {
    expect(backendWith(lines, `{ a: ${server} }`).servers[0]?.check).toBeNull();
  });

  test("of a server replaces the backend's keys one by one, and its probe as a whole", () => {
    const common = "check: { interval: 5s, rise: 4, http: { path: /a, host: b } }";
    const http = { kind: "http", path: "/a", host: "b" };
    expect(checkWith(common, '{ address: ":1", check: { port: 9000 } }')).toMatchObject({
      intervalMs: 5000,
      rise: 4,
      port: 9000,
      probe: http,
    });
    expect(checkWith(common, '{ address: ":1", check: true }').probe).toMatchObject(http);
    const other = checkWith(common, '{ address: ":1", check: { http: { path: /c } } }');
    expect(other.probe).toMatchObject({ kind: "http", path: "/c", host: "" });
    expect(checkWith(common, '{ address: ":1", check: { tcp: {}, rise: 1 } }')).toMatchObject({
      rise: 1,
      probe: { kind: "tcp", steps: [] },
    });
    expect(checkWith("check: off", '{ address: ":1", check: { fall: 9 } }').fall).toBe(9);
  });

  test("opens with the server's PROXY header, unless it goes elsewhere", () => {
    expect(checkWith("check: {}\n    sendProxy: v1").sendProxy).toBe(1);
    expect(checkWith("check: {}", '{ address: ":1", sendProxy: v2 }').sendProxy).toBe(2);
    expect(checkWith("check: { port: 80 }\n    sendProxy: v1").sendProxy).toBe(0);
    expect(checkWith('check: { address: ":80" }\n    sendProxy: v1').sendProxy).toBe(0);
    expect(checkWith("check: { port: 80, sendProxy: v1 }").sendProxy).toBe(1);
    expect(checkWith("check: { sendProxy: off }\n    sendProxy: v1").sendProxy).toBe(0);
  });
});

describe("a tcp probe", () => {
  test.each([
    ["{ expect: '220' }", [{ expect: bytes("220") }]],
    ["{ expect: b, send: a }", [{ send: bytes("a") }, { expect: bytes("b") }]],
    ["{ sendHex: 0A ff, expectRegex: '^2\\d' }", [{ send: bytes("\n\xff") }, { regex: "^2\\d" }]],
    [
      "[{ expect: '+' }, { send: 'QUIT\\r\\n' }, { expectRegex: bye }]",
      [{ expect: bytes("+") }, { send: bytes("QUIT\r\n") }, { regex: "bye" }],
    ],
    ["{ send: 'a\\\\b\\t\\x00\\xFFé' }", [{ send: bytes("a\\b\t\0\xff\xc3\xa9") }]],
    ['{ send: "a\\r\\n" }', [{ send: bytes("a\r\n") }]],
  ])("%s", (tcp, steps) => {
    expect(checkWith(`check: { tcp: ${tcp} }`).probe).toEqual({ kind: "tcp", steps });
  });

  test("goes to a thread with its own bytes alone", () => {
    const { probe } = checkWith("check: { tcp: { send: a } }");
    const [step] = probe.kind === "tcp" ? probe.steps : [];
    expect(step && "send" in step ? step.send.buffer.byteLength : 0).toBe(1);
    expect(structuredClone(probe)).toEqual(probe);
  });
});

describe("an http probe", () => {
  test("has HAProxy's statuses and asks for the root", () => {
    expect(checkWith("check: { http: {} }").probe).toEqual({
      kind: "http",
      method: "GET",
      path: "/",
      host: "",
      headers: {},
      statuses: [[200, 399]],
      body: null,
    });
  });

  test("says what the file says", () => {
    const http =
      "{ method: HEAD, path: '/a?b=c%20d', host: 'x:80', headers: { x-n: 1, X-T: a b }, " +
      "status: [200, 301-302, '404'], body: ~^ok$ }";
    expect(checkWith(`check: { http: ${http} }`).probe).toEqual({
      kind: "http",
      method: "HEAD",
      path: "/a?b=c%20d",
      host: "x:80",
      headers: { "x-n": "1", "X-T": "a b" },
      statuses: [
        [200, 200],
        [301, 302],
        [404, 404],
      ],
      body: { text: "^ok$", regex: true },
    });
    expect(checkWith("check: { http: { status: 204, body: ok } }").probe).toMatchObject({
      statuses: [[204, 204]],
      body: { text: "ok", regex: false },
    });
  });
});

test("an exec probe keeps its words apart", () => {
  expect(checkWith("check: { exec: { command: [check-app, --port, 80, a b] } }").probe).toEqual({
    kind: "exec",
    command: ["check-app", "--port", "80", "a b"],
  });
});

test.each([
  ["client: 5s", 0],
  ["clientFin: 5s", 3_600_000],
])(
  "the sessions of a frontend with %s have its limits after a failover too",
  (timeout, tunnelMs) => {
    const text = `frontends:
  e: { mode: tcp, bind: ":80", backend: web, timeout: { ${timeout} } }
backends:
  web: { servers: { a: ":1" }, failover: eu }
  eu: { servers: { a: ":1" }, failover: [us] }
  us: { servers: { a: ":1" } }
`;
    const { plan } = parseConfig(text, "f", {});
    const tunnels = plan?.backends.map((backend) => backend.timeout.tunnelMs);
    expect(tunnels).toEqual([tunnelMs, tunnelMs, tunnelMs]);
  },
);
