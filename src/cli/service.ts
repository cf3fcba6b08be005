// A running instance as the operator's signals see it; `run` and `demo` share it. SIGTERM and
// SIGINT stop, a second one ends at once, SIGHUP reloads, SIGUSR1 reopens the log file.
import process from "node:process";
import type { Log } from "../control/log.ts";
import { Supervisor } from "../control/supervisor.ts";
import type { Plan } from "../config/plan.ts";

export interface Service {
  readonly plan: Plan;
  readonly log: Log;
  /** The plan to go on with, or null when there is none (and why has been told). */
  readonly reload: () => Promise<Plan | null>;
  /** Called once, when it accepts connections. */
  readonly onReady: (supervisor: Supervisor) => void;
}

/** Runs until a signal ends it. The exit code: 0 stopped, 1 could not start. */
export async function serve(service: Service): Promise<number> {
  const { log } = service;
  let supervisor: Supervisor;
  try {
    supervisor = await Supervisor.start(service.plan, log);
  } catch (error) {
    log.fatal(error instanceof Error ? error.message : String(error));
    return 1;
  }
  const exitNow = await hardExit(supervisor.reactor);
  const crash = (error: unknown): void => {
    log.fatal(`internal error, ending: ${error instanceof Error ? error.stack : String(error)}`);
    exitNow(1);
  };
  // Whoever read our words is gone: no reason to stop serving.
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});
  process.on("uncaughtException", crash);
  process.on("unhandledRejection", crash);
  const ended = untilStopped(supervisor, log, exitNow);
  const reloads = new Reloads(supervisor, service);
  process.on("SIGHUP", () => reloads.request());
  process.on("SIGUSR1", () => {
    supervisor.reopenLogs().then(
      () => log.info("access log reopened"),
      (error: Error) => log.error(`the access log stays as it was: ${error.message}`),
    );
  });
  service.onReady(supervisor);
  await ended;
  log.info("stopped");
  return 0;
}

function untilStopped(
  supervisor: Supervisor,
  log: Log,
  exitNow: (code: number) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    let signals = 0;
    const onSignal = (signal: string): void => {
      signals++;
      if (signals > 1) {
        log.warn(`${signal} again: ending at once, open sessions are cut`);
        exitNow(0);
        return;
      }
      const { shutdownTimeoutMs } = supervisor.plan.global;
      log.info(
        `${signal}: no new connections; open sessions may take ${shutdownTimeoutMs / 1000} s to end, ` +
          `a second signal ends at once`,
      );
      void supervisor.stop().then(resolve, reject);
    };
    process.on("SIGTERM", onSignal);
    process.on("SIGINT", onSignal);
  });
}

/** Reloads one after the other; signals that come meanwhile make one more. */
class Reloads {
  readonly #supervisor: Supervisor;
  readonly #service: Service;
  #wanted: boolean;
  #running: boolean;

  constructor(supervisor: Supervisor, service: Service) {
    this.#supervisor = supervisor;
    this.#service = service;
    this.#wanted = false;
    this.#running = false;
  }

  request(): void {
    this.#wanted = true;
    if (!this.#running) void this.#run();
  }

  async #run(): Promise<void> {
    const { log, reload } = this.#service;
    this.#running = true;
    while (this.#wanted) {
      this.#wanted = false;
      try {
        const plan = await reload();
        if (plan === null) {
          log.error("reload refused: the configuration is not valid; everything goes on as before");
          continue;
        }
        await this.#supervisor.replace(plan);
        log.info({ addresses: this.#supervisor.addresses }, `reloaded ${plan.source}`);
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        log.error(`reload refused, everything goes on as before: ${why}`);
      }
    }
    this.#running = false;
  }
}

/** process.exit() would wait for worker threads that wait in the kernel. */
async function hardExit(reactor: string): Promise<(code: number) => void> {
  if (reactor !== "epoll") return (code) => process.exit(code);
  const { exitNow } = await import("../sys/process.ts");
  return exitNow;
}
