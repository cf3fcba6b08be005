// A waker outlives its reactor where a table of owners says whose it is: a thread that ends must not make
// those who wake it at that moment write to a closed descriptor, or to somebody else's.
import { expect, it } from "vitest";
import { close } from "../../sys/libc.ts";
import { wake } from "../wake.ts";
import { EpollReactor } from "./epoll-reactor.ts";

function reactorOf(owners: Uint8Array): EpollReactor {
  const handler = {
    onWake: () => {},
    onHandlerError: (error: unknown) => {
      throw error;
    },
  };
  return new EpollReactor(handler, { owners, owner: 2, spare: 4 });
}

it.runIf(process.platform === "linux")(
  "can be woken after its end, until it is closed",
  async () => {
    const owners = new Uint8Array(1024);
    const reactor = reactorOf(owners);
    reactor.stop();
    await reactor.run();
    const left = [...owners.keys()].filter((descriptor) => owners[descriptor] !== 0);
    expect(left).toHaveLength(1);
    expect(reactor.waker).toEqual({ kind: "eventfd", descriptor: left[0] });
    expect(() => wake(reactor.waker)).not.toThrow();
    expect(close(left[0] as number)).toBe(0);
  },
);

it.runIf(process.platform === "linux")(
  "is closed with its reactor where nobody notes owners",
  async () => {
    const reactor = reactorOf(new Uint8Array(0));
    reactor.stop();
    await reactor.run();
    expect(() => wake(reactor.waker)).toThrow("EBADF");
  },
);
