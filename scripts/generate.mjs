// Writes what is generated from the configuration schema: schema/ballast.schema.json for editors
// and docs/configuration.md for readers. Uses dist/, so build first. A unit test compares the two
// files with the schema and names this command when they are stale.
import { mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { jsonSchemaText } from "../dist/config/json-schema.js";
import { referenceText } from "../dist/config/reference.js";

const root = new URL("..", import.meta.url);

function write(path, text) {
  const file = new URL(path, root);
  mkdirSync(new URL(".", file), { recursive: true });
  writeFileSync(file, text);
  console.log(`wrote ${fileURLToPath(file)}`);
}

write("schema/ballast.schema.json", jsonSchemaText());
write("docs/configuration.md", referenceText());
