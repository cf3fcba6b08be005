// Ballast run from its single modules and not from the bundle, so that own-descriptors.ts can reach
// them. Its words are those of the command.
import type { main as mainType } from "../../dist/cli/main.js";

const built = new URL("../../../dist/cli/main.js", import.meta.url).href;
const { main } = (await import(built)) as { main: typeof mainType };
await main(process.argv);
