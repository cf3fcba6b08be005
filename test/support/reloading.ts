// Reloads of a running Ballast: write the file, SIGHUP, wait for what the log says about it.
import type { Ballast } from "./ballast.ts";
import type { ProcessMessage } from "./log-lines.ts";

function isOutcome({ message }: ProcessMessage): boolean {
  return message.startsWith("reloaded ") || message.startsWith("reload refused");
}

/** SIGHUP; what the log says of this reload at last. */
export async function sighup(ballast: Ballast): Promise<ProcessMessage> {
  const from = ballast.messages.length;
  ballast.signal("SIGHUP");
  return ballast.untilMessage(isOutcome, undefined, from);
}

/** Makes `config` effective. Rejects when it is refused. */
export async function reload(ballast: Ballast, config: object | string): Promise<void> {
  ballast.rewriteConfig(config);
  const { message, addresses } = await sighup(ballast);
  if (!message.startsWith("reloaded ")) throw new Error(message);
  ballast.addresses = addresses as string[];
}

/** Tries to make `config` effective; why it is refused. Rejects when it is not. */
export async function refusedReload(ballast: Ballast, config: object | string): Promise<string> {
  ballast.rewriteConfig(config);
  const { message, level } = await sighup(ballast);
  if (level !== "error") throw new Error(`level ${level}: ${message}`);
  return message;
}
