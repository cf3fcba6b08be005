// The rows of the benchmark, in the order of the table.
import { httpLatency } from "./http-latency.ts";
import { httpIdleMemory, tcpIdleMemory, tlsIdleMemory } from "./idle-memory.ts";
import { httpRequestRows, tcpRequestRows, tlsRequestRows } from "./requests.ts";
import type { Row } from "./row.ts";
import { tcpChurnGrowth } from "./tcp-churn-growth.ts";

export const rows: readonly Row[] = [
  ...httpRequestRows,
  httpLatency,
  httpIdleMemory,
  ...tlsRequestRows,
  tlsIdleMemory,
  ...tcpRequestRows,
  tcpIdleMemory,
  tcpChurnGrowth,
];
