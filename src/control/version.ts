// Which version of Ballast this is: for `--version` and the admin API.
import { readFileSync } from "node:fs";

/** As package.json says it. */
export function packageVersion(): string {
  const text = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  const { version } = JSON.parse(text) as { readonly version: string };
  return version;
}
