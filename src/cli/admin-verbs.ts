// The verbs that talk to a running Ballast, as the command line knows them. What they do is in a file
// each, loaded only when it is wanted.
import process from "node:process";
import { type Command, InvalidArgumentError } from "commander";
import {
  type AdminOptions,
  readServerName,
  type ServerName,
  withAdminOptions,
} from "./admin-options.ts";
import type { SessionFilters } from "./sessions.ts";

export function addAdminVerbs(program: Command): void {
  withAdminOptions(program.command("status"))
    .description("show the frontends, backends and servers of the running Ballast")
    .action(async (options: AdminOptions) => {
      const { status } = await import("./status.ts");
      process.exitCode = await status(options);
    });
  withAdminOptions(program.command("sessions"))
    .description("show the open sessions of the running Ballast, newest first")
    .option("--frontend <name>", "only those of this frontend")
    .option("--backend <name>", "only those of this backend")
    .option("--server <name>", "only those on this server: SERVER or BACKEND/SERVER")
    .option("--client <address>", "only those of this client: an address or a network in CIDR form")
    .option("--state <state>", "only those in this state")
    .option("--limit <n>", "so many at most (default: 100)", readLimit)
    .action(async (options: AdminOptions & SessionFilters) => {
      const { sessions } = await import("./sessions.ts");
      process.exitCode = await sessions(options, options);
    });
  for (const [state, about] of [
    ["drain", "no new sessions for a server; those on it go on"],
    ["ready", "take a server back from drain or maint"],
    ["maint", "take a server out for maintenance: no new sessions, and no checks"],
  ] as const) {
    serverVerb(program, state, about).action(async (name: ServerName, options: AdminOptions) => {
      const { changeServer } = await import("./server-change.ts");
      process.exitCode = await changeServer(options, name, { state });
    });
  }
  serverVerb(program, "weight", "set a server's weight until the configuration says another")
    .argument("<weight>", "0 to 256; 0 gets no new sessions", readWeight)
    .action(async (name: ServerName, weight: number, options: AdminOptions) => {
      const { changeServer } = await import("./server-change.ts");
      process.exitCode = await changeServer(options, name, { weight });
    });
  withAdminOptions(program.command("reload"))
    .description("let the running Ballast read its configuration again")
    .action(async (options: AdminOptions) => {
      const { reload } = await import("./reload.ts");
      process.exitCode = await reload(options);
    });
}

function serverVerb(program: Command, verb: string, about: string): Command {
  return withAdminOptions(program.command(verb))
    .description(about)
    .argument("<backend/server>", "which server", readServerName);
}

function readLimit(text: string): string {
  if (/^[1-9][0-9]{0,4}$/.test(text) && Number(text) <= 10_000) return text;
  throw new InvalidArgumentError("Write a number from 1 to 10000.");
}

function readWeight(text: string): number {
  if (/^[0-9]{1,3}$/.test(text) && Number(text) <= 256) return Number(text);
  throw new InvalidArgumentError("Write a whole number from 0 to 256.");
}
