// The frame of a verb that talks to a running Ballast: asks, prints, and turns a failure into one
// sentence on stderr and exit code 1.
import process from "node:process";
import { AdminClient, AdminFailure } from "./admin-client.ts";
import type { AdminOptions } from "./admin-options.ts";
import { harmless } from "./table.ts";

/** Prints what `ask` gives: text as it is, anything else as JSON. The exit code. */
export async function asking(
  options: AdminOptions,
  ask: (client: AdminClient) => Promise<unknown>,
): Promise<number> {
  try {
    const answer = await ask(new AdminClient(options));
    await print(typeof answer === "string" ? answer : `${JSON.stringify(answer, null, 2)}\n`);
    return 0;
  } catch (error) {
    if (!(error instanceof AdminFailure)) throw error;
    for (const line of error.lines) process.stderr.write(`${harmless(line)}\n`);
    process.stderr.write(`ballast: ${harmless(error.message)}\n`);
    return 1;
  }
}

/** A reader that has gone (`| head`) has read enough. */
function print(text: string): Promise<void> {
  return new Promise((resolve) => {
    process.stdout.once("error", () => resolve());
    process.stdout.write(text, () => resolve());
  });
}

/** Colour only for a person at a terminal, and not for one who says no (https://no-color.org). */
export function wantsColours(): boolean {
  return process.stdout.isTTY && (process.env["NO_COLOR"] ?? "") === "";
}
