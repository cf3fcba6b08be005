// Valid configurations: what the plan says.
import { describe, expect, test } from "vitest";
import { parseConfig } from "./load.ts";
import type { Plan } from "./plan.ts";

const machine = { cpus: 6, ipv6: true };

function planOf(text: string, env: NodeJS.ProcessEnv = {}, on = machine): Plan {
  const { plan, problems } = parseConfig(text, "ballast.yaml", env, on);
  expect(problems).toEqual([]);
  if (!plan) throw new Error("no plan");
  return plan;
}

const smallest = `
frontends:
  edge: { mode: tcp, bind: "127.0.0.1:80", backend: web }
backends:
  web:
    servers:
      web1: 127.0.0.1:8001
`;

/** What a backend and a server get that say nothing of it. */
const plainBackend = {
  maxconn: 0,
  maxqueue: 0,
  allBackups: false,
  panicThreshold: 0,
  failover: [],
  recoveryDelayMs: 10_000,
  stick: null,
  outlier: null,
};
const noHeaders = { set: [], add: [], remove: [] };
const plainHttp = {
  request: { headers: noHeaders, path: [], host: null },
  response: { headers: noHeaders },
  cookie: null,
  retry: {
    on: ["connFailure", "emptyResponse"],
    attempts: 3,
    perTryTimeoutMs: 0,
    budgetPercent: 20,
    budgetMin: 10,
    bodyBytes: 65_536,
    nonIdempotent: false,
  },
  reuse: { mode: "safe", idleMax: 100, idleTimeoutMs: 4000, requestsMax: 0, ageMaxMs: 0 },
};
const plainServer = {
  weight: 1,
  sendProxy: 0,
  proxyTlvs: [],
  tls: null,
  maxconn: 0,
  maxqueue: 0,
  backup: false,
  disabled: false,
  slowstart: null,
  check: null,
  shutdownSessions: false,
};

describe("a plan", () => {
  test("has every default resolved", () => {
    expect(planOf(smallest)).toEqual({
      source: "ballast.yaml",
      global: {
        workers: 6,
        reactor: "auto",
        shutdownTimeoutMs: 30_000,
        admin: {
          address: { family: "ipv4", host: "127.0.0.1", port: 9400 },
          token: "",
          required: false,
        },
        resolve: { nameservers: [], intervalMs: 0, timeoutMs: 5000 },
        tls: { maxHandshakes: 1000 },
        log: { level: "info", access: "stdout", format: "json" },
      },
      frontends: [
        {
          name: "edge",
          mode: "tcp",
          binds: [
            {
              address: { family: "ipv4", host: "127.0.0.1", port: 80 },
              acceptProxy: false,
              tls: null,
            },
          ],
          maxconn: 0,
          tcpRoutes: [],
          backend: "web",
          tcpKeepaliveMs: 0,
          timeout: { clientMs: 50_000, clientFinMs: 30_000, clientHsMs: 10_000 },
          http: null,
        },
      ],
      backends: [
        {
          name: "web",
          balance: { policy: "roundrobin", key: null, boundedLoad: 0 },
          servers: [
            {
              name: "web1",
              address: { family: "ipv4", host: "127.0.0.1", port: 8001 },
              ...plainServer,
            },
          ],
          ...plainBackend,
          retries: 3,
          redispatch: true,
          tcpKeepaliveMs: 0,
          timeout: { connectMs: 5000, serverMs: 50_000, tunnelMs: 3_600_000, queueMs: 5000 },
          http: plainHttp,
        },
      ],
    });
  });

  test("says what the file says", () => {
    const plan = planOf(`
global:
  workers: 3
  reactor: node
  shutdownTimeout: 1m
  admin: { bind: ":9400", token: "s3cret" }
  resolve: { nameservers: [192.0.2.53, "::1", "[::1]:54", "192.0.2.54:55"], interval: 30s, timeout: 1s }
  tls: { maxHandshakes: 50 }
  log: { level: debug, access: /var/log/access.log, format: haproxy }
defaults:
  mode: tcp
  timeout: { connect: 1s, httpRequest: 1s, httpKeepAlive: 1s, queue: 1s, clientFin: 2s, tunnel: 9s }
  retries: 1
  redispatch: false
  tcpKeepalive: 30s
frontends:
  edge:
    bind: [":80", { address: "[::1]:81", acceptProxy: true }, "unix:/run/edge.sock"]
    maxconn: 20000
    backend: web
    timeout: { client: 3s, clientHs: 4s }
backends:
  web:
    balance: leastconn
    sendProxy: v1
    retries: 0
    redispatch: true
    tcpKeepalive: 0
    timeout: { server: 5s, queue: 1s, connect: 0 }
    servers:
      "2": { address: example.com:80, weight: 256, sendProxy: v2 }
      1: :8001
      off: { address: unix:/run/app.sock, weight: 0, sendProxy: off }
`);
    expect(plan.global).toEqual({
      workers: 3,
      reactor: "node",
      shutdownTimeoutMs: 60_000,
      admin: {
        address: { family: "ipv6", host: "::", port: 9400 },
        token: "s3cret",
        required: true,
      },
      resolve: {
        nameservers: ["192.0.2.53:53", "[::1]:53", "[::1]:54", "192.0.2.54:55"],
        intervalMs: 30_000,
        timeoutMs: 1000,
      },
      tls: { maxHandshakes: 50 },
      log: { level: "debug", access: "/var/log/access.log", format: "haproxy" },
    });
    expect(plan.frontends[0]).toEqual({
      name: "edge",
      mode: "tcp",
      binds: [
        { address: { family: "ipv6", host: "::", port: 80 }, acceptProxy: false, tls: null },
        { address: { family: "ipv6", host: "::1", port: 81 }, acceptProxy: true, tls: null },
        { address: { family: "unix", path: "/run/edge.sock" }, acceptProxy: false, tls: null },
      ],
      maxconn: 20_000,
      tcpRoutes: [],
      backend: "web",
      tcpKeepaliveMs: 30_000,
      timeout: { clientMs: 3000, clientFinMs: 2000, clientHsMs: 4000 },
      http: null,
    });
    expect(plan.backends[0]).toEqual({
      name: "web",
      balance: { policy: "leastconn", key: null, boundedLoad: 0 },
      // In the order of the file, although two names look like numbers.
      servers: [
        {
          ...plainServer,
          name: "2",
          address: { family: "name", host: "example.com", port: 80 },
          weight: 256,
          sendProxy: 2,
        },
        {
          ...plainServer,
          name: "1",
          address: { family: "ipv4", host: "127.0.0.1", port: 8001 },
          weight: 1,
          sendProxy: 1,
        },
        {
          ...plainServer,
          name: "off",
          address: { family: "unix", path: "/run/app.sock" },
          weight: 0,
          sendProxy: 0,
        },
      ],
      ...plainBackend,
      retries: 0,
      redispatch: true,
      tcpKeepaliveMs: 0,
      timeout: { connectMs: 0, serverMs: 5000, tunnelMs: 9000, queueMs: 1000 },
      http: { ...plainHttp, retry: { ...plainHttp.retry, attempts: 0 } },
    });
  });

  test.each(["off", "false"])("has no admin API with admin: %s", (word) => {
    expect(planOf(`global: { admin: ${word} }\n${smallest}`).global.admin).toBeNull();
  });

  test.each(["{}", '{ bind: "127.0.0.1:9400" }'])("must have the one of admin: %s", (admin) => {
    expect(planOf(`global: { admin: ${admin} }\n${smallest}`).global.admin).toEqual({
      address: { family: "ipv4", host: "127.0.0.1", port: 9400 },
      token: "",
      required: true,
    });
  });

  test("binds :80 to the IPv4 wildcard on a machine without IPv6", () => {
    const plan = planOf(smallest.replace("127.0.0.1:80", ":80"), {}, { cpus: 1, ipv6: false });
    expect(plan.frontends[0]?.binds[0]?.address).toMatchObject({ host: "0.0.0.0", port: 80 });
  });

  test("is frozen throughout and can be posted to a thread", () => {
    const plan = planOf(smallest);
    expect(Object.isFrozen(plan.frontends[0]?.binds[0]?.address)).toBe(true);
    expect(Object.isFrozen(plan.backends)).toBe(true);
    expect(structuredClone(plan)).toEqual(plan);
  });

  test("may come from anchors and aliases, and from keys named like members of objects", () => {
    const plan = planOf(`
frontends:
  constructor: { mode: tcp, bind: &bind "127.0.0.1:0", backend: &name toString }
  second: { mode: tcp, bind: [*bind, *bind], backend: *name }
backends:
  toString: { servers: { hasOwnProperty: ":1" } }
`);
    expect(plan.frontends.map(({ name, backend }) => [name, backend])).toEqual([
      ["constructor", "toString"],
      ["second", "toString"],
    ]);
    expect(plan.backends[0]?.servers[0]?.name).toBe("hasOwnProperty");
  });
});

describe("the tunnel timeout", () => {
  const cases: [string, string, string, string, number][] = [
    ["is an hour when nothing is set", "", "", "", 3_600_000],
    ["is an hour when only connect is set", "connect: 1s", "", "", 3_600_000],
    ["is off when defaults set client", "client: 5s", "", "", 0],
    ["is off when defaults set server", "server: 5s", "", "", 0],
    ["is off when its frontend sets client", "", "client: 5s", "", 0],
    ["is off when the backend sets server", "", "", "server: 5s", 0],
    ["is off when client is set to 0", "client: 0", "", "", 0],
    ["is what defaults say, also beside client", "client: 5s, tunnel: 7s", "", "", 7000],
    ["is what the backend says, also beside client", "", "client: 5s", "tunnel: 8s", 8000],
    ["is an hour when the frontend sets clientFin only", "", "clientFin: 5s", "", 3_600_000],
  ];
  test.each(cases)("%s", (_title, defaults, frontend, backend, tunnelMs) => {
    const plan = planOf(`
defaults: { mode: tcp, timeout: { ${defaults} } }
frontends:
  edge: { bind: ":80", backend: web, timeout: { ${frontend} } }
  other: { bind: ":81", backend: else, timeout: { client: 1s } }
backends:
  web: { servers: { a: ":1" }, timeout: { ${backend} } }
  else: { servers: { a: ":1" } }
`);
    expect(plan.backends[0]?.timeout.tunnelMs).toBe(tunnelMs);
  });
});

describe("environment variables", () => {
  const text = smallest
    .replace("web1: 127.0.0.1:8001", 'web1: "${ADDRESS}"')
    .replace("  web:\n", "  web:\n    retries: ${RETRIES:-2}\n    redispatch: ${REDISPATCH}\n");

  test("are typed as YAML would type them", () => {
    const env = { ADDRESS: "10.0.0.1:9", RETRIES: "7", REDISPATCH: "false" };
    const [backend] = planOf(text, env).backends;
    expect(backend).toMatchObject({ retries: 7, redispatch: false });
    expect(backend?.servers[0]?.address).toMatchObject({ host: "10.0.0.1", port: 9 });
    expect(planOf(text, { ...env, RETRIES: undefined }).backends[0]?.retries).toBe(2);
  });

  test("cannot add keys, whatever they hold", () => {
    const env = { ADDRESS: ":1\n      web2: :2", RETRIES: "1\n    balance: leastconn" };
    const { plan, problems } = parseConfig(text, "f", { ...env, REDISPATCH: "{ a: 1 }" });
    expect(plan).toBeNull();
    expect(problems.map(({ path }) => path)).toEqual([
      "backends.web.retries",
      "backends.web.redispatch",
      "backends.web.servers.web1",
    ]);
  });
});
