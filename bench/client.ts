// A program of its own, started by connections.ts: opens connections through a proxy, exchanges
// one small HTTP request on each, and holds or closes them. Orders and answers are messages.
import { connect as connectPlain, type Socket } from "node:net";
import { connect as connectSecure } from "node:tls";

/** Connections to open. */
export interface Opening {
  readonly port: number;
  readonly count: number;
  /** Whether they speak TLS. */
  readonly secure: boolean;
}

/** What the benchmark tells this program to do. */
export type Order =
  /** Open so many, one exchange on each, and keep them. */
  | ({ readonly kind: "hold" } & Opening)
  /** Open so many, one exchange on each, which the server ends by closing. */
  | ({ readonly kind: "churn" } & Opening)
  /** Close what is held. */
  | { readonly kind: "release" };

/** How an order went. */
export interface Answer {
  readonly failures: number;
  /** The first failure, in words. */
  readonly firstFailure: string;
}

/** Connections that are being opened or used at once. */
const concurrency = 64;
const silenceMs = 20_000;
const ending = "\r\n\r\nhello world\n";

const held: Socket[] = [];

function request(closes: boolean): string {
  return `GET /small HTTP/1.1\r\nHost: bench\r\n${closes ? "Connection: close\r\n" : ""}\r\n`;
}

function opened(port: number, secure: boolean): Socket {
  const where = { port, host: "127.0.0.1", noDelay: true };
  // The certificate of a run is signed by nobody.
  return secure ? connectSecure({ ...where, rejectUnauthorized: false }) : connectPlain(where);
}

/**
 * One connection and one exchange on it. Resolves with "" or a failure: when the response is
 * complete, or, for one that `closes`, when the connection has ended after it.
 */
function exchange(port: number, secure: boolean, closes: boolean): Promise<string> {
  return new Promise((resolve) => {
    let received = "";
    const socket = opened(port, secure);
    const fail = (why: string): void => {
      resolve(why);
      socket.destroy();
    };
    socket.setEncoding("latin1");
    socket.setTimeout(silenceMs, () => fail(`silent for ${silenceMs / 1000} s`));
    socket.on(secure ? "secureConnect" : "connect", () => socket.write(request(closes)));
    socket.on("data", (text: string) => {
      received += text;
      if (closes || !received.endsWith(ending)) return;
      socket.setTimeout(0);
      held.push(socket);
      resolve("");
    });
    socket.on("error", (error) => fail(error.message));
    socket.on("close", () => {
      const whole = received.startsWith("HTTP/1.1 200 ") && received.endsWith(ending);
      resolve(whole ? "" : `closed after ${received.length} bytes`);
    });
  });
}

async function repeat({ port, count, secure }: Opening, closes: boolean): Promise<Answer> {
  let left = count;
  let failures = 0;
  let firstFailure = "";
  const lane = async (): Promise<void> => {
    while (left-- > 0) {
      const failure = await exchange(port, secure, closes);
      if (failure === "") continue;
      failures++;
      firstFailure ||= failure;
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, count) }, lane));
  return { failures, firstFailure };
}

/** Connections that the proxy or origin closed while they were held count as failures. */
async function release(): Promise<Answer> {
  const gone = held.filter((socket) => socket.destroyed || socket.readableEnded).length;
  const closed = held.map(
    (socket) =>
      new Promise<void>((resolve) => {
        if (socket.closed) resolve();
        else socket.once("close", () => resolve());
        socket.destroy();
      }),
  );
  await Promise.all(closed);
  held.length = 0;
  return { failures: gone, firstFailure: gone === 0 ? "" : "closed while it was held" };
}

function carryOut(order: Order): Promise<Answer> {
  if (order.kind === "release") return release();
  return repeat(order, order.kind === "churn");
}

// Without its channel the benchmark is gone, and so is this program's reason.
process.on("disconnect", () => process.exit(0));
process.on("message", (order: Order) => {
  void carryOut(order).then((answer) => process.send?.(answer));
});
