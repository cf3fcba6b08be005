import { expect, test } from "vitest";
import { formatAddress } from "../../config/address.ts";
import { checkedAddress, formatMs, quoted } from "./probe.ts";

const server = { family: "ipv4", host: "10.0.0.1", port: 80 } as const;
const unix = { family: "unix", path: "/run/app.sock" } as const;
const named = { family: "name", host: "health.example", port: 0 } as const;

test.each([
  ["the server itself", server, null, 0, "10.0.0.1:80"],
  ["another port", server, null, 8080, "10.0.0.1:8080"],
  ["another host, on the server's port", server, named, 0, "health.example:80"],
  ["another host with its port", server, { ...named, port: 81 }, 0, "health.example:81"],
  ["another host on another port", server, { ...named, port: 81 }, 82, "health.example:82"],
  ["a unix socket for a server elsewhere", server, unix, 82, "unix:/run/app.sock"],
  ["a unix server", unix, null, 0, "unix:/run/app.sock"],
  ["a unix server by TCP", unix, server, 0, "10.0.0.1:80"],
])("a check goes to %s", (_, own, address, port, expected) => {
  expect(formatAddress(checkedAddress(own, address, port))).toBe(expected);
});

test("foreign text is quoted, ASCII, and short", () => {
  expect(quoted('a"b\r\n\0\u00ff')).toBe(String.raw`"a\"b\r\n\u0000\u00ff"`);
  expect(quoted("x".repeat(100), 3)).toBe('"xxx..."');
  expect(quoted("\u2028\u{1f600}")).toBe(String.raw`"\u2028\ud83d\ude00"`);
});

test("times are written as a configuration has them", () => {
  expect([formatMs(1000), formatMs(250), formatMs(60_000)]).toEqual(["1s", "250ms", "60s"]);
});
