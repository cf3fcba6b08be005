// The entry point of a worker thread: opens the reactor and the scoreboard, runs the data plane,
// and turns messages of the control plane into its calls. With the epoll reactor this thread never
// returns to Node's own event loop, so nothing here may depend on it.
import { randomBytes } from "node:crypto";
import { parentPort, receiveMessageOnPort, workerData } from "node:worker_threads";
import { seededRandom } from "../balance/random.ts";
import { DataPlane } from "../proxy/data-plane.ts";
import { readdress, renewBind, renewServer } from "../proxy/renewing.ts";
import { openReactor } from "../reactor/open.ts";
import type { Timer } from "../reactor/reactor.ts";
import { workerField } from "../scoreboard/fields.ts";
import { openScoreboard } from "../scoreboard/scoreboard.ts";
import type { FromWorker, ToWorker, WorkerStart } from "./messages.ts";

const heartbeatMs = 1000;
const newline = 0x0a;
/** Of all workers together, on their way to the control plane. */
const logPendingBytesMax = 16 * 1024 * 1024;

if (parentPort === null) throw new Error("worker-thread.js runs as a worker thread only");
const port = parentPort;
const start = workerData as WorkerStart;
const board = openScoreboard(start.board, start.worker);

function tell(message: FromWorker, transfer: ArrayBuffer[] = []): void {
  port.postMessage(message, transfer);
}

const reactor = await openReactor(
  start.reactor,
  { onWake: receive, onHandlerError },
  { owners: new Uint8Array(start.owners), owner: start.worker, spare: start.spare },
);

const plane = new DataPlane({
  reactor,
  board,
  random: seededRandom(randomBytes(4).readUInt32LE()),
  report: (report) => tell({ type: "report", report }),
  ship,
  onDrained: () => tell({ type: "drained" }),
});

/** The plan that lines are formatted for. */
let logVersion = start.assignment.version;

/** Hands a batch over, unless the control plane is so far behind that memory would grow. */
function ship(batch: Uint8Array): void {
  const pending = board.workers.fetchAdd(0, workerField.logPendingBytes, batch.length);
  if (pending > logPendingBytesMax) {
    board.workers.fetchAdd(0, workerField.logPendingBytes, -batch.length);
    for (const byte of batch) {
      if (byte === newline) board.workers.count(0, workerField.logLinesDropped, 1);
    }
    return;
  }
  tell({ type: "log", version: logVersion, batch }, [batch.buffer as ArrayBuffer]);
}

function onHandlerError(error: unknown): void {
  board.workers.count(0, workerField.errors, 1);
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  plane.reports.tell({
    level: "error",
    message: `worker ${start.worker}: an internal error ended one session and nothing else: ${text}`,
    fields: { worker: start.worker },
  });
}

function receive(): void {
  plane.onWake();
  for (;;) {
    const received = receiveMessageOnPort(port);
    if (received === undefined) return;
    obey(received.message as ToWorker);
  }
}

function obey(message: ToWorker): void {
  switch (message.type) {
    case "assign": {
      const { version } = message.assignment;
      // What was formatted for the plan before goes where that one said.
      plane.log.flush();
      logVersion = version;
      try {
        plane.apply(message.assignment, () =>
          tell({ type: "applied", version, addresses: plane.addresses() }),
        );
      } catch (error) {
        tell({ type: "failed", version, error: String(error) });
      }
      return;
    }
    case "addresses":
      readdress(plane, message.changes);
      return;
    case "bindSecrets":
      renewBind(plane, message.secrets);
      return;
    case "serverSecrets":
      renewServer(plane, message.secrets);
      return;
    case "ticketKeys":
      plane.tls.useTicketKeys(message.keys);
      return;
    case "peers":
      plane.meet(message.wakers);
      tell({ type: "introduced", round: message.round });
      return;
    case "look":
      // Every wake looks.
      return;
    case "sessions": {
      const { question, query } = message;
      plane.list.ask(query, (rows, done) =>
        tell({ type: "sessions", question, worker: start.worker, rows, done }),
      );
      return;
    }
    case "stop":
      plane.stop(() => tell({ type: "stopped" }));
      return;
    case "kill":
      plane.kill();
      return;
    case "shutdown":
      plane.shutdown(message.row);
      return;
    case "exit":
      plane.log.flush();
      reactor.stop();
      return;
    default:
      message satisfies never;
  }
}

/** A predecessor that died has left its count. */
const turnsBefore = board.workers.column(start.worker, 0, workerField.turns);

/**
 * The control plane sees from it that this thread still turns. And should a wake-up for a free
 * place ever be lost, this one is not.
 */
function beat(timer: Timer): void {
  board.workers.advance(0, workerField.turns, turnsBefore + reactor.turns);
  plane.onWake();
  timer.arm(heartbeatMs);
}

reactor.timer({ onTimer: beat }).arm(0);
plane.apply(start.assignment, () =>
  tell({ type: "ready", waker: reactor.waker, addresses: plane.addresses() }),
);
await reactor.run();
