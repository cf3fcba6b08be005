// The access log's formats by the names that `global.log.format` knows. A new format is a file with
// a formatter each for sessions and for exchanges, a name in AccessFormat, and two lines here.
import type { AccessFormat } from "../../config/plan.ts";
import { formatClf } from "./clf.ts";
import { formatHaproxy } from "./haproxy.ts";
import { formatHttpClf } from "./http-clf.ts";
import { formatHttpHaproxy } from "./http-haproxy.ts";
import { formatHttpJson } from "./http-json.ts";
import type { HttpRecord } from "./http-record.ts";
import { formatJson } from "./json.ts";
import type { SessionRecord } from "./record.ts";

/** Each gives one line, with its newline. */
export const accessFormats: Readonly<Record<AccessFormat, (record: SessionRecord) => string>> = {
  clf: formatClf,
  haproxy: formatHaproxy,
  json: formatJson,
};

/** The same for exchanges of http mode. */
export const httpFormats: Readonly<Record<AccessFormat, (record: HttpRecord) => string>> = {
  clf: formatHttpClf,
  haproxy: formatHttpHaproxy,
  json: formatHttpJson,
};
