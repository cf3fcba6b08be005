// The listening sockets of the process, by address. The control plane opens them, one for each
// worker, and workers borrow them: a plan that cannot listen changes nothing, a worker that dies
// leaves its backlog to its successor, and a reload keeps what stays.
import { lstat, rm, stat } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { formatAddress, type SocketAddress } from "../config/address.ts";
import { listenBacklog } from "../config/limits.ts";
import type { FrontendPlan, ReactorKind } from "../config/plan.ts";

export class BindError extends Error {}

/** Opened for one plan: by key, a descriptor for each worker. */
export interface PreparedBinds {
  /** The descriptors of a frontend's bind (-1 each when the reactor opens its own). */
  of(frontend: FrontendPlan, bind: number): readonly number[];
  /** Every worker has taken the plan: closes what it no longer names. */
  commit(): Promise<void>;
  /** The plan is not taken: closes what was opened for it. */
  rollback(): Promise<void>;
}

interface OpenBind {
  /** Of a unix socket's file, as it was made: another program may have replaced it since. */
  readonly inode: number;
  readonly address: SocketAddress;
  readonly descriptors: readonly number[];
}

export class Binds {
  readonly #reactor: ReactorKind;
  readonly #workers: number;
  #open: Map<string, OpenBind>;

  constructor(reactor: ReactorKind, workers: number) {
    this.#reactor = reactor;
    this.#workers = workers;
    this.#open = new Map();
  }

  /** Opens what these frontends need beside what is open. Throws BindError with all that failed. */
  async prepare(frontends: readonly FrontendPlan[]): Promise<PreparedBinds> {
    const next = new Map<string, OpenBind>();
    const opened: OpenBind[] = [];
    const problems: string[] = [];
    for (const frontend of frontends) {
      for (const [i, { address }] of frontend.binds.entries()) {
        const key = bindKey(frontend, i);
        const known = this.#open.get(key);
        if (known !== undefined) {
          next.set(key, known);
          continue;
        }
        try {
          const own = [...this.#open.values(), ...next.values()];
          const bind = await this.#openBind(address, own);
          opened.push(bind);
          next.set(key, bind);
        } catch (error) {
          problems.push(
            `frontend ${frontend.name} cannot listen on ${formatAddress(address)}: ${explain(error, address)}`,
          );
        }
      }
    }
    if (problems.length > 0) {
      await this.#close(opened);
      throw new BindError(problems.join("\n"));
    }
    await this.#setKeepalive(frontends, next);
    return {
      of: (frontend, bind) => (next.get(bindKey(frontend, bind)) as OpenBind).descriptors,
      commit: async () => {
        const gone = [...this.#open].filter(([key]) => !next.has(key)).map(([, bind]) => bind);
        this.#open = next;
        await this.#close(gone);
      },
      rollback: () => this.#close(opened),
    };
  }

  async closeAll(): Promise<void> {
    const all = [...this.#open.values()];
    this.#open = new Map();
    await this.#close(all);
  }

  /** `own`: what this process listens on already, on the same port maybe. */
  async #openBind(address: SocketAddress, own: readonly OpenBind[]): Promise<OpenBind> {
    const shared = this.#reactor === "epoll" && own.some((bind) => samePort(bind.address, address));
    if (address.family === "unix") await clearUnixPath(address.path);
    // SO_REUSEPORT would let two programs share a port by mistake: an exclusive socket finds out.
    // But a wildcard may stand beside, or take over from, an address of our own.
    else if (!shared) await probe(address);
    if (this.#reactor === "node") {
      return { address, descriptors: this.#each(() => -1), inode: -1 };
    }
    const { openListener, localAddress } = await import("../sys/stream-socket.ts");
    const { close } = await import("../sys/libc.ts");
    const reusePort = address.family !== "unix";
    const first = openListener(address, listenBacklog, reusePort);
    const real = address.family === "unix" ? address : (localAddress(first) ?? address);
    const descriptors = [first];
    try {
      for (let worker = 1; worker < this.#workers; worker++) {
        // Unix sockets know no SO_REUSEPORT: there all workers accept from one.
        descriptors.push(
          reusePort ? openListener(sameHost(address, real), listenBacklog, true) : first,
        );
      }
    } catch (error) {
      for (const descriptor of descriptors) close(descriptor);
      throw error;
    }
    return { address: sameHost(address, real), descriptors, inode: await inodeOf(address) };
  }

  /** Accepted sockets inherit it from their listener, also from one that stays over a reload. */
  async #setKeepalive(
    frontends: readonly FrontendPlan[],
    binds: Map<string, OpenBind>,
  ): Promise<void> {
    if (this.#reactor === "node") return;
    const { setKeepalive } = await import("../sys/stream-socket.ts");
    for (const frontend of frontends) {
      for (const [i, { address }] of frontend.binds.entries()) {
        if (address.family === "unix") continue;
        const { descriptors } = binds.get(bindKey(frontend, i)) as OpenBind;
        for (const descriptor of descriptors) setKeepalive(descriptor, frontend.tcpKeepaliveMs);
      }
    }
  }

  #each<T>(make: () => T): T[] {
    return Array.from({ length: this.#workers }, make);
  }

  async #close(binds: readonly OpenBind[]): Promise<void> {
    if (this.#reactor === "node" || binds.length === 0) return;
    const { close } = await import("../sys/libc.ts");
    for (const { address, descriptors, inode } of binds) {
      for (const descriptor of new Set(descriptors)) close(descriptor);
      if (address.family === "unix" && (await inodeOf(address)) === inode) {
        await rm(address.path, { force: true });
      }
    }
  }
}

/** The address identifies a bind, so that it can move between frontends; port 0 never repeats. */
function bindKey(frontend: FrontendPlan, bind: number): string {
  const address = (frontend.binds[bind] as { address: SocketAddress }).address;
  const text = formatAddress(address);
  const anonymous = address.family !== "unix" && address.port === 0;
  return anonymous ? `${text} ${frontend.name} ${bind}` : text;
}

/** -1 where there is no such file. */
async function inodeOf(address: SocketAddress): Promise<number> {
  if (address.family !== "unix") return -1;
  return stat(address.path).then(
    ({ ino }) => ino,
    () => -1,
  );
}

function samePort(one: SocketAddress, other: SocketAddress): boolean {
  if (one.family === "unix" || other.family === "unix") return false;
  return one.port === other.port;
}

/** The address asked for, with the port that the kernel chose. */
function sameHost(asked: SocketAddress, real: SocketAddress): SocketAddress {
  if (asked.family === "unix" || real.family === "unix") return asked;
  return { ...asked, port: real.port };
}

function probe(address: SocketAddress & { port: number; host: string }): Promise<void> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    const ipv6Only = address.family === "ipv6" && address.host !== "::";
    server.listen({ host: address.host, port: address.port, exclusive: true, ipv6Only }, () => {
      server.close(() => resolve());
    });
  });
}

/** A socket file that nobody answers on is left from a crash: it goes. */
async function clearUnixPath(path: string): Promise<void> {
  const code = await new Promise<string>((resolve) => {
    const socket = connect(path);
    socket.once("connect", () => {
      socket.destroy();
      resolve("EADDRINUSE");
    });
    socket.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? ""));
  });
  if (code === "EADDRINUSE") {
    throw Object.assign(new Error("another program listens there"), { code });
  }
  // A regular file refuses too, and is somebody's.
  if (code === "ECONNREFUSED" && (await lstat(path)).isSocket()) await rm(path, { force: true });
}

function explain(error: unknown, address: SocketAddress): string {
  const { code, message } = error as NodeJS.ErrnoException;
  switch (code) {
    case "EADDRINUSE":
      if (address.family === "unix") {
        return "it is already in use; stop the program behind it (ss -lxp shows it), remove the file if it is no socket, or choose another path";
      }
      return "it is already in use; stop the other program (ss -ltnp shows it) or choose another port";
    case "EACCES":
      return (
        "permission denied; ports below 1024 need root or the capability cap_net_bind_service, " +
        "and a unix socket's folder must be writable"
      );
    case "EADDRNOTAVAIL":
      return "no interface of this machine has that address; use one of its own, or 0.0.0.0";
    case "EMFILE":
    case "ENFILE":
      return "no descriptors are left; raise the limit (ulimit -n) or lower global.workers";
    case "ENOENT":
      return "the folder of this unix socket does not exist; create it first";
    default:
      return message;
  }
}
