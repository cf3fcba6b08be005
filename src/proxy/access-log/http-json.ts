// The default log line of an HTTP exchange: the flat JSON object of a session (json.ts), with the request
// and its answer. Called once an exchange through registry.ts.
import { sessionFields } from "./json.ts";
import { quoted } from "./json-text.ts";
import type { HttpRecord } from "./http-record.ts";

/**
 * One line with its newline. `requestId`, `route`, `requestHeaders` and `responseHeaders` are there only
 * when there is something to say; `method`, `host`, `uri` and `version` are empty when what came was no
 * request, and `status` is 0 when nothing could be answered.
 */
export function formatHttpJson(record: HttpRecord): string {
  const { requestId, route } = record;
  const id = requestId === "" ? "" : `,"requestId":${quoted(requestId)}`;
  const name = route === "" ? "" : `,"route":${quoted(route)}`;
  return (
    `{${sessionFields(record)},` +
    `"requestMs":${record.requestMs},` +
    `"responseMs":${record.responseMs},` +
    `"method":${quoted(record.method)},` +
    `"host":${quoted(record.host)},` +
    `"uri":${quoted(record.target)},` +
    `"version":"${record.version}",` +
    `"status":${record.status},` +
    `"cookie":"${record.cookie}"${name}${id}` +
    fields("requestHeaders", record.requestNames, record.requestValues) +
    fields("responseHeaders", record.responseNames, record.responseValues) +
    "}\n"
  );
}

function fields(key: string, names: readonly string[], values: readonly string[]): string {
  if (names.length === 0) return "";
  const pairs = names.map((name, i) => `${quoted(name)}:${quoted(values[i] ?? "")}`);
  return `,"${key}":{${pairs.join(",")}}`;
}
