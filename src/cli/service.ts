// A running instance as the operator's signals see it; `run` and `demo` share it. SIGTERM and
// SIGINT stop, a second one ends at once, SIGHUP (or the admin API) reloads, SIGUSR1 reopens the log file.
import process from "node:process";
import type { LoadResult } from "../config/load.ts";
import type { Log } from "../control/log.ts";
import { Supervisor } from "../control/supervisor.ts";
import type { Plan } from "../config/plan.ts";
import { Reloads } from "./reloads.ts";

export interface Service {
  readonly plan: Plan;
  readonly log: Log;
  /** Reads the plan to go on with. */
  readonly reload: () => Promise<LoadResult>;
  /** Called once, when it accepts connections. */
  readonly onReady: (supervisor: Supervisor) => void;
}

/** Runs until a signal ends it. The exit code: 0 stopped, 1 could not start. */
export async function serve(service: Service): Promise<number> {
  const { log } = service;
  const exitNow = await hardExit();
  const crash = (error: unknown): void => {
    log.fatal(`internal error, ending: ${error instanceof Error ? error.stack : String(error)}`);
    exitNow(1);
  };
  // Whoever read our words is gone: no reason to stop serving.
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});
  process.on("uncaughtException", crash);
  process.on("unhandledRejection", crash);
  // Signals count from the first moment on: what comes during the start is done after it.
  const starting = Supervisor.start(service.plan, log);
  const stopped = untilStopped(starting, service, exitNow);
  const reloads = new Reloads(starting, service.reload, log);
  process.on("SIGHUP", () => void reloads.request());
  process.on("SIGUSR1", () => void reopenLogs(starting, log));
  try {
    const supervisor = await starting;
    supervisor.admin.reload = () => reloads.request();
    service.onReady(supervisor);
  } catch (error) {
    log.fatal(error instanceof Error ? error.message : String(error));
    return 1;
  }
  await stopped;
  log.info("stopped");
  return 0;
}

function untilStopped(
  starting: Promise<Supervisor>,
  { plan, log }: Service,
  exitNow: (code: number) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    let stopping = false;
    const onSignal = (signal: string): void => {
      if (stopping) {
        log.warn(`${signal} again: ending at once, open sessions are cut`);
        exitNow(0);
        return;
      }
      stopping = true;
      void stop(signal, starting, plan, log).then(resolve, reject);
    };
    process.on("SIGTERM", onSignal);
    process.on("SIGINT", onSignal);
  });
}

async function stop(
  signal: string,
  starting: Promise<Supervisor>,
  plan: Plan,
  log: Log,
): Promise<void> {
  const supervisor = await starting.catch(() => null);
  const { shutdownTimeoutMs } = (supervisor?.plan ?? plan).global;
  log.info(
    `${signal}: no new connections; open sessions may take ${shutdownTimeoutMs / 1000} s to end, ` +
      `a second signal ends at once`,
  );
  await supervisor?.stop();
}

async function reopenLogs(starting: Promise<Supervisor>, log: Log): Promise<void> {
  try {
    await (await starting).reopenLogs();
    log.info("access log reopened");
  } catch (error) {
    log.error(`the access log stays as it was: ${(error as Error).message}`);
  }
}

/** process.exit() would wait for worker threads that wait in the kernel; _exit(2) does not. */
async function hardExit(): Promise<(code: number) => void> {
  try {
    return (await import("../sys/process.ts")).exitNow;
  } catch {
    return (code) => process.exit(code);
  }
}
