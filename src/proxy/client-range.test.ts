// Ranges of client addresses: what is one, and which addresses lie in it. The oracle is Node's own.
import { BlockList } from "node:net";
import fc from "fast-check";
import { expect, test } from "vitest";
import { inRange, parseClientRange } from "./client-range.ts";

test.each([
  "",
  "/",
  "10.0.0.0/",
  "10.0.0.0/33",
  "10.0.0.0/-1",
  "10.0.0.0/8/8",
  "10.0.0",
  "10.0.0.256",
  "010.0.0.1",
  "::/129",
  "fe80::1%eth0",
  "1::2::3",
  "localhost",
  "10.0.0.1 ",
])("%j is no range", (text) => {
  expect(parseClientRange(text)).toBe(null);
});

test("an address lies in exactly the networks that Node says", () => {
  const ipv4 = fc.ipV4().map((host) => ({ family: "ipv4" as const, host, bits: 32 }));
  const ipv6 = fc.ipV6().map((host) => ({ family: "ipv6" as const, host, bits: 128 }));
  const any = fc.oneof(ipv4, ipv6);
  fc.assert(
    fc.property(any, any, fc.nat(128), fc.boolean(), (network, other, bits, same) => {
      const prefix = Math.min(bits, network.bits);
      const address = same ? network : other;
      const list = new BlockList();
      list.addSubnet(network.host, prefix, network.family);
      const range = parseClientRange(`${network.host}/${prefix}`);
      const found =
        range !== null && inRange(range, { family: address.family, host: address.host, port: 1 });
      // Across families Node compares mapped addresses in its own way.
      if (address.family === network.family) {
        expect(found).toBe(list.check(address.host, address.family));
      }
    }),
  );
});

test("a mapped address is the IPv4 address that it means; a unix socket lies nowhere", () => {
  const range = parseClientRange("192.0.2.0/24");
  const all = parseClientRange("::/0");
  if (range === null || all === null) throw new Error("no range");
  expect(inRange(range, { family: "ipv6", host: "::ffff:192.0.2.9", port: 1 })).toBe(true);
  expect(inRange(range, { family: "ipv6", host: "2001:db8::1", port: 1 })).toBe(false);
  expect(inRange(all, { family: "unix", path: "/run/x" })).toBe(false);
});
