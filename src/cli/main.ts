// The command line: verbs, options, exit codes. bin/ballast.js calls it. Each verb lives in a file
// of its own, loaded only when it is wanted, so that `--version` and `check` start fast.
import process from "node:process";
import { Command, CommanderError } from "commander";
import { packageVersion } from "../control/version.ts";
import { addAdminVerbs } from "./admin-verbs.ts";
import { check } from "./check.ts";

/** Exit codes of every verb. */
export const exitCodes = { done: 0, failed: 1, invalid: 2 } as const;

const defaultFile = "ballast.yaml";

/** Words of the command line that a later version will have; whoever builds one deletes it here. */
const laterVerbs = ["top", "explain", "simulate"];

interface FileOption {
  readonly config: string;
}

/** Runs `argv` (as process.argv: node, script, words) and sets process.exitCode. Never rejects. */
export async function main(argv: string[]): Promise<void> {
  const program = buildProgram();
  try {
    if (argv.length < 3) program.error("error: no verb given");
    await program.parseAsync(argv);
  } catch (error) {
    process.exitCode = exitCodeOf(error);
  }
}

function buildProgram(): Command {
  const program = new Command("ballast")
    .description("A load balancer, configured by one YAML file.")
    .version(packageVersion(), "-V, --version", "print the version")
    .helpOption("-h, --help", "print help")
    .helpCommand("help [verb]", "print help, also of one verb")
    .showHelpAfterError("Run ballast --help to see what it understands.")
    .exitOverride();
  program
    .command("run")
    .description("run in the foreground until SIGTERM or SIGINT; SIGHUP reads the file again")
    .argument("[file]", "the configuration, as with -c")
    .option("-c, --config <file>", "the configuration", defaultFile)
    .action(async (file: string | undefined, { config: named }: FileOption) => {
      const config = file ?? named;
      const { run } = await import("./run.ts");
      process.exitCode = await run({ config });
    });
  program
    .command("check")
    .description("tell every problem of a configuration; exits 2 when it is not valid")
    .argument("[file]", "the configuration, as with -c")
    .option("-c, --config <file>", "the configuration", defaultFile)
    .action(async (file: string | undefined, { config }: FileOption) => {
      process.exitCode = await check({ config: file ?? config });
    });
  program
    .command("demo")
    .description("start three small backends and a load balancer in front of them")
    .action(async () => {
      const { demo } = await import("./demo.ts");
      process.exitCode = await demo();
    });
  addAdminVerbs(program);
  for (const verb of laterVerbs) {
    program
      .command(verb, { hidden: true })
      .helpOption(false)
      .allowExcessArguments()
      .allowUnknownOption()
      .action(() => {
        program.error(
          `error: this version does not have '${verb}' yet; SIGHUP reloads, SIGTERM stops`,
        );
      });
  }
  return program;
}

/** Commander has told its own errors already; anything else is told here. */
function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) {
    return error.exitCode === 0 ? exitCodes.done : exitCodes.invalid;
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`ballast: ${text}\n`);
  return exitCodes.failed;
}
