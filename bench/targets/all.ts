// The proxies that can be measured, in the order of the table.
import { ballastTargets } from "./ballast.ts";
import { haproxyTargets } from "./haproxy.ts";
import { nginxTargets } from "./nginx.ts";
import type { Target } from "./target.ts";

export const targets: readonly Target[] = [...ballastTargets, ...haproxyTargets, ...nginxTargets];

/** The target of that name; the command line has checked that there is one. */
export function targetNamed(name: string): Target {
  const found = targets.find((target) => target.name === name);
  if (found === undefined) throw new Error(`no proxy is called ${name}`);
  return found;
}
