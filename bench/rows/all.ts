// The rows of the benchmark, in the order of the table.
import type { Row } from "./row.ts";
import { tcpChurnGrowth } from "./tcp-churn-growth.ts";
import { tcpIdleMemory } from "./tcp-idle-memory.ts";
import { tcpRequestRows } from "./tcp-requests.ts";

export const rows: readonly Row[] = [...tcpRequestRows, tcpIdleMemory, tcpChurnGrowth];
