// The plots of the guide, by file name. A new one is one file and one line here.
import { hotKeyPlot } from "./hot-key.ts";
import { keysMoved } from "./keys-moved.ts";
import { loadSpread } from "./load-spread.ts";
import { slowServer } from "./slow-server.ts";
import { slowStart } from "./slow-start.ts";

/** What each file under docs/guide/plots/ must hold. */
export const plots: ReadonlyMap<string, () => string> = new Map([
  ["load-spread.svg", loadSpread],
  ["keys-moved.svg", keysMoved],
  ["hot-key.svg", hotKeyPlot],
  ["slow-server.svg", slowServer],
  ["slow-start.svg", slowStart],
]);
