// What is wrong between the keys of a backend, and between backends.
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { parseConfig } from "./load.ts";
import { formatProblem } from "./problem.ts";

function problemsOf(text: string): string[] {
  const { problems } = parseConfig(text, "f", {}, { cpus: 1, ipv6: false });
  return problems.map((problem) => formatProblem(problem).replace(/^f:/, ""));
}

/** Of a backend that has `keys` on line 2 and `servers`. */
function backendProblems(keys: string, servers = 's: ":1"'): string[] {
  return problemsOf(`frontends: { e: { mode: tcp, bind: ":80", backend: b } }
backends: { b: { ${keys}, servers: { ${servers} } } }
`);
}

/** Of backends named from `a` on, with the failover of each. */
function failoverProblems(...failovers: string[]): string[] {
  const names = ["a", "b", "c", "d", "e"];
  const lines = failovers.map(
    (failover, i) => `  ${names[i]}: { failover: ${failover}, servers: { s: ":1" } }`,
  );
  const frontend = 'frontends: { f: { mode: tcp, bind: ":80", backend: a } }';
  return problemsOf(
    [frontend, "backends:", ...lines, '  z: { servers: { s: ":1" } }', ""].join("\n"),
  );
}

describe("failover", () => {
  const hint = "Remove one of them, so that there is a last resort.";

  test("to an unknown backend is told, with the nearest name", () => {
    expect(failoverProblems("[z, bb]", "z")).toEqual([
      '3:22: unknown backend "bb" (backends.a.failover[1]). Did you mean "b"?',
    ]);
    expect(failoverProblems("zebra", "z")[0]).toBe(
      '3:18: unknown backend "zebra" (backends.a.failover). The file has: a, b, z.',
    );
  });

  test("counts as use", () => {
    expect(failoverProblems("[b]", "[z]")).toEqual([]);
  });

  test("to itself is an error, and no use", () => {
    expect(failoverProblems("z", "b")).toEqual([
      '4:3: warning: no frontend uses backend "b" (backends.b). ' +
        "Name it in a frontend or in a failover, or remove it.",
      '4:18: backend "b" fails over to itself (backends.b.failover). Name another backend, or remove it.',
    ]);
  });

  test("in a ring is an error that names it", () => {
    expect(failoverProblems("[z, b]", "[c]", "[z, a]")).toEqual([
      `5:22: backends fail over in a ring: a -> b -> c -> a (backends.c.failover[1]). ${hint}`,
    ]);
    expect(failoverProblems("b", "c", "d", "[b, z]")).toEqual([
      `6:19: backends fail over in a ring: b -> c -> d -> b (backends.d.failover[0]). ${hint}`,
    ]);
  });

  test("in several rings is told for each", () => {
    expect(failoverProblems("[b, c]", "[a]", "[a, z]")).toEqual([
      `4:19: backends fail over in a ring: a -> b -> a (backends.b.failover[0]). ${hint}`,
      `5:19: backends fail over in a ring: a -> c -> a (backends.c.failover[0]). ${hint}`,
    ]);
  });

  test("to one backend over two ways is no ring", () => {
    expect(failoverProblems("[b, c]", "[d, z]", "[d, z]", "[z]")).toEqual([]);
  });

  test("to the same backend twice is a warning", () => {
    expect(failoverProblems("[z, z]")).toEqual([
      '3:22: warning: "z" stands in this list already (backends.a.failover[1]). Remove it here.',
    ]);
  });

  test("rings of any length are found, and their names shortened", () => {
    const count = 12_000;
    const ring = Array.from({ length: count }, (_, i) => ({
      servers: { s: ":1" },
      failover: [`b${(i + 1) % count}`],
    }));
    const text = JSON.stringify({
      frontends: { f: { mode: "tcp", bind: ":80", backend: "b0" } },
      backends: Object.fromEntries(ring.map((backend, i) => [`b${i}`, backend])),
    });
    const { problems } = parseConfig(text, "f", {}, { cpus: 1, ipv6: false });
    const names = Array.from({ length: 10 }, (_, i) => `b${i}`).join(" -> ");
    expect(problems.map(({ message }) => message)).toEqual([
      `backends fail over in a ring: ${names} -> ... -> b0`,
    ]);
  });

  test("brings a session back to its server as any other way does", () => {
    const text = `frontends: { e: { mode: tcp, bind: "127.0.0.1:80", backend: a } }
backends:
  a: { failover: [b], servers: { s: ":1" } }
  b: { servers: { s: "127.0.0.1:80" } }
`;
    expect(problemsOf(text)).toEqual([
      expect.stringMatching(/^4:22: warning: "127\.0\.0\.1:80" is where frontend "e" listens/),
    ]);
  });
});

describe("servers of which none takes sessions", () => {
  test.each([
    [
      "retries: 1",
      's: { address: ":1", backup: true }',
      "is a backup, so the first usable one takes",
    ],
    [
      "retries: 1",
      's: { address: ":1", disabled: true }',
      "is disabled, so it takes no sessions until",
    ],
    ["retries: 1", 's: { address: ":1", weight: 0 }', "has weight 0, so it takes no sessions"],
  ])("%s, { %s }", (keys, servers, told) => {
    const [problem, ...others] = backendProblems(keys, servers);
    expect(problem).toMatch(/^2:30: warning: every server of backend "b" /);
    expect(problem).toContain(told);
    expect(others).toEqual([]);
  });

  test("are not backups that all take part", () => {
    expect(backendProblems("allBackups: true", 's: { address: ":1", backup: true }')).toEqual([]);
  });
});

describe("balance: first", () => {
  const limited = '{ address: ":1", maxconn: 5 }';
  const told =
    "so the servers after it get no sessions (backends.b.balance). " +
    "Give each server but the last a maxconn.";

  test("needs maxconn, but not of the last server", () => {
    expect(backendProblems("balance: first", 's: ":1", t: ":2"')).toEqual([
      `2:27: warning: server "s" has no maxconn, ${told}`,
    ]);
    expect(backendProblems("balance: first", `s: ${limited}, t: ":2", u: ":3"`)).toEqual([
      `2:27: warning: server "t" has no maxconn, ${told}`,
    ]);
    expect(backendProblems("balance: first", `s: ${limited}, t: ":2"`)).toEqual([]);
  });

  test("is fine with one server and its backup", () => {
    const backup = 't: { address: ":2", backup: true }';
    expect(backendProblems("balance: first", `s: ":1", ${backup}`)).toEqual([]);
  });
});

describe("maxqueue", () => {
  const told = "that has no maxconn, so this has no effect";

  test("without maxconn is a warning", () => {
    expect(backendProblems("maxqueue: 5")).toEqual([
      `2:18: warning: nothing waits for a backend or a server ${told} (backends.b.maxqueue). ` +
        "Add maxconn, or remove it.",
    ]);
    expect(backendProblems("maxconn: 5", 's: { address: ":1", maxqueue: 5 }')).toEqual([
      `2:61: warning: nothing waits for a server ${told} (backends.b.servers.s.maxqueue). ` +
        "Add maxconn, or remove it.",
    ]);
  });

  test.each([
    ["maxqueue: 5, maxconn: 5", 's: ":1"'],
    ["maxqueue: 5", 's: { address: ":1", maxconn: 5 }'],
    ["maxqueue: 0", 's: ":1"'],
    ["retries: 1", 's: { address: ":1", maxqueue: 5, maxconn: 5 }'],
  ])("is fine as %s, %s", (keys, servers) => {
    expect(backendProblems(keys, servers)).toEqual([]);
  });
});

describe("outlier", () => {
  test.each([
    ["{ consecutiveErrors: 0 }", "nothing that is written here ever ejects a server"],
    ["{ errorRate: 0%, latencyFactor: 0 }", "nothing that is written here ever ejects a server"],
    ["{ ejectFor: 10m }", "ejectFor is longer than ejectForMax"],
    ["{ ejectForMax: 10s }", "ejectFor is longer than ejectForMax"],
  ])("%s is a warning", (outlier, told) => {
    const [problem, ...others] = backendProblems(`outlier: ${outlier}`);
    expect(problem).toMatch(/^2:18: warning: /);
    expect(problem).toContain(told);
    expect(others).toEqual([]);
  });
});

describe("a check", () => {
  test("has one probe", () => {
    expect(backendProblems("check: { http: {}, tcp: {} }")).toEqual([
      "2:37: a check has one probe, and this one has http and tcp (backends.b.check.tcp). " +
        "Remove one of them.",
    ]);
  });

  test("of a server may have another than its backend's", () => {
    const server = 's: { address: ":1", check: { http: {} } }';
    expect(backendProblems("check: { tcp: {} }", server)).toEqual([]);
  });

  test("that outlasts its interval is a warning, whoever says which", () => {
    const told = "timeout is longer than interval, so a check that hangs delays the next one";
    const hint = "Write a shorter timeout, or a longer interval.";
    expect(backendProblems("check: { timeout: 5s }")).toEqual([
      `2:27: warning: ${told} (backends.b.check.timeout). ${hint}`,
    ]);
    const server = 's: { address: ":1", check: { interval: 1s } }';
    expect(backendProblems("check: { timeout: 2s }", server)).toEqual([
      `2:82: warning: ${told} (backends.b.servers.s.check.interval). ${hint}`,
    ]);
    expect(backendProblems("check: { timeout: 5s, interval: 5s }")).toEqual([]);
  });

  test("does one thing in a step, and either text or bytes in an object", () => {
    const hint = "Write one of send, sendHex, expect and expectRegex in each item.";
    expect(backendProblems("check: { tcp: [{}, { send: a, expect: b }] }")).toEqual([
      `2:33: this step is empty (backends.b.check.tcp[0]). ${hint}`,
      `2:37: a step does one thing (backends.b.check.tcp[1]). ${hint}`,
    ]);
    const list = "Write a list, with one step in each item.";
    expect(backendProblems("check: { tcp: { send: a, sendHex: 0a } }")).toEqual([
      `2:43: send and sendHex stand here both (backends.b.check.tcp.sendHex). ${list}`,
    ]);
    expect(backendProblems("check: { tcp: { expect: a, expectRegex: b } }")).toEqual([
      `2:45: expect and expectRegex stand here both (backends.b.check.tcp.expectRegex). ${list}`,
    ]);
  });

  test.each([
    ["a b", '"a b" cannot be the name of a header'],
    ["Host", "the Host header has a key of its own"],
    ["content-length", '"content-length" is the check\'s own business'],
  ])("has no header %s", (name, told) => {
    const [problem, ...others] = backendProblems(`check: { http: { headers: { "${name}": x } } }`);
    expect(problem?.startsWith(`2:46: ${told} (backends.b.check.http.headers.`)).toBe(true);
    expect(others).toEqual([]);
  });

  test("with a program that cannot be run is a warning", () => {
    const folder = mkdtempSync(join(tmpdir(), "ballast-check-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const program = join(folder, "check");
    const exec = `check: { exec: { command: ["${program}"] } }`;
    const told = `2:45: warning: "${program}" is no program that can be run here`;
    expect(backendProblems(exec)[0]?.startsWith(told)).toBe(true);
    writeFileSync(program, "#!/bin/sh\n");
    chmodSync(program, 0o755);
    expect(backendProblems(exec)).toEqual([]);
    expect(backendProblems("check: { exec: { command: [no-such-program] } }")).toEqual([]);
    expect(backendProblems('check: { exec: { command: [""] } }')).toEqual([
      "2:45: the program has no name (backends.b.check.exec.command[0]). " +
        "Write the path of the program to run.",
    ]);
  });
});
