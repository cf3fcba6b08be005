// `node .tools/bench/plots/main.js` after a build: draws the plots of the guide anew. They come from
// the policies themselves and from seeds, so nothing changes unless a policy does; a test compares.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { plots } from "./all.ts";

const folder = join(import.meta.dirname, "../../../docs/guide/plots");

mkdirSync(folder, { recursive: true });
for (const [file, draw] of plots) {
  writeFileSync(join(folder, file), draw());
  console.log(`drew docs/guide/plots/${file}`);
}
