// Ranges of client addresses: what is one, and which addresses lie in it. The oracle is Node's own.
import { BlockList } from "node:net";
import { assert, boolean, ipV4, ipV6, nat, property } from "fast-check";
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

test.each([
  ["ipv4", ipV4(), 32],
  ["ipv6", ipV6(), 128],
] as const)(
  "%s: an address lies in exactly the networks that Node says",
  (family, hosts, width) => {
    assert(
      property(hosts, hosts, nat(width), boolean(), (network, other, bits, same) => {
        const host = same ? network : other;
        const list = new BlockList();
        list.addSubnet(network, bits, family);
        const range = parseClientRange(`${network}/${bits}`);
        const found = range !== null && inRange(range, { family, host, port: 1 });
        expect(found).toBe(list.check(host, family));
      }),
    );
  },
);

test("a mapped address is the IPv4 address that it means; a unix socket lies nowhere", () => {
  const range = parseClientRange("192.0.2.0/24");
  const all = parseClientRange("::/0");
  if (range === null || all === null) throw new Error("no range");
  expect(inRange(range, { family: "ipv6", host: "::ffff:192.0.2.9", port: 1 })).toBe(true);
  expect(inRange(range, { family: "ipv6", host: "2001:db8::1", port: 1 })).toBe(false);
  expect(inRange(all, { family: "unix", path: "/run/x" })).toBe(false);
});
