import { describe, expect, test } from "vitest";
import { parseConfig } from "./load.ts";
import { formatProblem } from "./problem.ts";

function problemsOf(text: string): string[] {
  const { plan, problems } = parseConfig(text, "f", {}, { cpus: 1, ipv6: true });
  expect(plan).not.toBeNull();
  return problems.map((problem) => formatProblem(problem).replace(/^f:/, ""));
}

function withServer(bind: string, server: string): string[] {
  return problemsOf(`defaults: { mode: tcp }
frontends: { edge: { bind: ${bind}, backend: web } }
backends:
  web:
    servers: { a: "10.9.9.9:80", b: ${server} }
`);
}

function chain(last: string): string {
  return `defaults: { mode: tcp }
frontends:
  outer: { bind: ":80", backend: one }
  inner: { bind: ":81", backend: two }
backends:
  one: { servers: { a: ":81" } }
  two: { servers: { a: "${last}" } }
`;
}

describe("a server that is the frontend before it", () => {
  test("is a warning at its address that names the frontend", () => {
    const rest =
      "Connections would go round in a circle until a limit is reached; write the address of " +
      "the server itself.";
    expect(withServer('":80"', '"127.0.0.1:80"')).toEqual([
      '5:37: warning: "127.0.0.1:80" is where frontend "edge" listens, whose sessions come back ' +
        `to this server (backends.web.servers.b). ${rest}`,
    ]);
    expect(withServer('":80"', '{ address: "127.0.0.1:80" }')).toEqual([
      '5:48: warning: "127.0.0.1:80" is where frontend "edge" listens, whose sessions come back ' +
        `to this server (backends.web.servers.b.address). ${rest}`,
    ]);
  });

  test.each([
    ['"127.0.0.1:80"', '":80"'],
    ['"127.0.0.1:80"', '"localhost:80"'],
    ['"localhost:80"', '"LOCALHOST:80"'],
    ['"[::1]:80"', '"localhost:80"'],
    ['":80"', '"localhost:80"'],
    ['":80"', '"[::1]:80"'],
    ['"[::]:80"', '"[::1]:80"'],
    ['"[::]:80"', '"127.0.0.1:80"'],
    ['"0.0.0.0:80"', '"127.0.0.9:80"'],
    ['":80"', '"0.0.0.0:80"'],
    ['"127.0.0.1:80"', '"0.0.0.0:80"'],
    ['"10.0.0.1:80"', '"10.0.0.1:80"'],
    ['"unix:/run/a.sock"', '"unix:/run/a.sock"'],
    ['[":81", { address: ":80", acceptProxy: true }]', '"127.0.0.1:80"'],
  ])("is seen for the bind %s and the server %s", (bind, server) => {
    expect(withServer(bind, server)).toEqual([expect.stringContaining("in a circle")]);
  });

  test.each([
    ['":80"', '"127.0.0.1:81"'],
    ['":80"', '"10.0.0.1:80"'],
    ['":80"', '"example.com:80"'],
    ['"127.0.0.1:80"', '"127.0.0.2:80"'],
    ['"127.0.0.1:80"', '"[::1]:80"'],
    ['"0.0.0.0:80"', '"[::1]:80"'],
    ['"10.0.0.1:80"', '"127.0.0.1:80"'],
    ['"unix:/run/a.sock"', '"unix:/run/b.sock"'],
    ['"127.0.0.1:0"', '"127.0.0.1:80"'],
  ])("is not seen for the bind %s and the server %s", (bind, server) => {
    expect(withServer(bind, server)).toEqual([]);
  });
});

describe("through several frontends", () => {
  test("a chain that ends at a server is allowed", () => {
    expect(problemsOf(chain("127.0.0.1:82"))).toEqual([]);
  });

  test("a circle is told at each of its servers", () => {
    expect(problemsOf(chain("127.0.0.1:80"))).toEqual([
      expect.stringMatching(/^6:.* frontend "inner" listens/),
      expect.stringMatching(/^7:.* frontend "outer" listens/),
    ]);
  });

  test("a chain that leads into a circle is told at the circle only", () => {
    expect(problemsOf(chain(":81"))).toEqual([
      expect.stringMatching(/^7:.* frontend "inner" listens/),
    ]);
  });

  test("the more specific bind is the one that is named", () => {
    const text = `defaults: { mode: tcp }
frontends:
  all: { bind: "0.0.0.0:80", backend: far }
  loop: { bind: "127.0.0.1:80", backend: near }
backends:
  far: { servers: { a: "10.0.0.1:80" } }
  near: { servers: { a: "127.0.0.1:80" } }
`;
    expect(problemsOf(text)).toEqual([expect.stringContaining('frontend "loop" listens')]);
  });
});
