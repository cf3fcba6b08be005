// The access log's formats by the names that `global.log.format` knows. A new format is a file with
// a formatter, a name in AccessFormat, and a line here.
import type { AccessFormat } from "../../config/plan.ts";
import { formatClf } from "./clf.ts";
import { formatHaproxy } from "./haproxy.ts";
import { formatJson } from "./json.ts";
import type { SessionRecord } from "./record.ts";

/** Each gives one line, with its newline. */
export const accessFormats: Readonly<Record<AccessFormat, (record: SessionRecord) => string>> = {
  clf: formatClf,
  haproxy: formatHaproxy,
  json: formatJson,
};
