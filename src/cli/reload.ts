// `ballast reload`: the running Ballast reads its configuration again; tells what came of it.
import process from "node:process";
import type { ReloadView } from "../control/admin/reload.ts";
import type { AdminOptions } from "./admin-options.ts";
import { asking } from "./asking.ts";
import { harmless } from "./table.ts";

/** The exit code. */
export function reload(options: AdminOptions): Promise<number> {
  return asking(options, async (client) => {
    const view = (await client.post("/api/v1/reload")) as ReloadView;
    if (options.json) return view;
    for (const problem of view.problems) process.stderr.write(`${harmless(problem)}\n`);
    return `reloaded ${harmless(view.source)}\n`;
  });
}
