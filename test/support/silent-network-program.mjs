// Runs in a network namespace of its own, holds it open, and prepares it: loopback is up, a connect
// is given up by the kernel after two SYNs, and one address drops SYNs. Prints that address, then
// hangs until it is killed.
import { readdirSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import process from "node:process";
import koffi from "koffi";
import { AF_INET } from "../../dist/sys/constants.js";
import { errnoName } from "../../dist/sys/errno.js";
import { close, errno, socket } from "../../dist/sys/libc.js";
import { Memory } from "../../dist/sys/memory.js";
import { openListener, streamType } from "../../dist/sys/stream-socket.js";

// <linux/sockios.h>, <linux/if.h>: struct ifreq has the name in 16 bytes, then the flags.
const SIOCSIFFLAGS = 0x8914;
const IFF_UP = 1;
const ifreqBytes = 40;
const ifreqFlags = 16;

/** A fresh namespace: whatever the port, it is free. */
const port = 8080;

function bringLoopbackUp() {
  const ioctl = koffi.load(null).func("int ioctl(int, ulong, long)");
  const request = new Memory(ifreqBytes);
  request.bytes.write("lo");
  request.bytes.writeUInt16LE(IFF_UP, ifreqFlags);
  const descriptor = socket(AF_INET, streamType, 0);
  if (ioctl(descriptor, SIOCSIFFLAGS, request.address) < 0) {
    throw new Error(`${errnoName(errno())}: bringing lo up`);
  }
  close(descriptor);
}

/** One SYN, another after 1 s, and 2 s later ETIMEDOUT. Kernels since 6.5 have a second number. */
function shortenConnects() {
  const folder = "/proc/sys/net/ipv4";
  writeFileSync(`${folder}/tcp_syn_retries`, "1");
  if (readdirSync(folder).includes("tcp_syn_linear_timeouts")) {
    writeFileSync(`${folder}/tcp_syn_linear_timeouts`, "0");
  }
}

bringLoopbackUp();
shortenConnects();
// Nobody ever accepts, and a backlog of 0 holds one connection: this one.
openListener({ family: "ipv4", host: "127.0.0.1", port }, 0, false);
connect({ host: "127.0.0.1", port }, () => {
  process.stdout.write(`127.0.0.1:${port}\n`);
});
