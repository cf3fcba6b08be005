import { expect, it } from "vitest";
import type { SocketAddress } from "../config/address.ts";
import { decodeSockaddr, encodeSockaddr, sockaddrBytesMax } from "./sockaddr.ts";

/** Written over what another address has left there, at an offset. */
function written(address: SocketAddress): Buffer {
  const bytes = Buffer.alloc(2 + sockaddrBytesMax, 0xff);
  return bytes.subarray(2, 2 + encodeSockaddr(address, bytes, 2));
}

it.each<[SocketAddress, string]>([
  [{ family: "ipv4", host: "192.0.2.1", port: 8080 }, "02001f90c00002010000000000000000"],
  [
    { family: "ipv6", host: "2001:db8::1", port: 443 },
    "0a0001bb0000000020010db800000000000000000000000100000000",
  ],
  [{ family: "unix", path: "/run/a" }, "01002f72756e2f6100"],
])("%j is laid out as the kernel wants it, and read again", (address, hex) => {
  const bytes = written(address);
  expect(bytes.toString("hex")).toBe(hex);
  expect(decodeSockaddr(bytes, 0, bytes.length)).toEqual(address);
});

it("reads an IPv4-mapped IPv6 address as IPv4", () => {
  const bytes = written({ family: "ipv6", host: "::ffff:192.0.2.1", port: 1 });
  expect(bytes.length).toBe(28);
  expect(decodeSockaddr(bytes, 0, bytes.length)).toEqual({
    family: "ipv4",
    host: "192.0.2.1",
    port: 1,
  });
});

it("leaves out a zone", () => {
  const plain = written({ family: "ipv6", host: "fe80::1", port: 1 });
  expect(written({ family: "ipv6", host: "fe80::1%eth0", port: 1 })).toEqual(plain);
});

it.each<SocketAddress>([
  { family: "ipv4", host: "localhost", port: 1 },
  { family: "ipv6", host: "127.0.0.1", port: 1 },
  { family: "unix", path: "x".repeat(108) },
])("%j is a RangeError", (address) => {
  expect(() => written(address)).toThrow(RangeError);
});
