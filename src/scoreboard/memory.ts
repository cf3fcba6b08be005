// Where each table lies in the scoreboard's one SharedArrayBuffer. A pure function of the
// capacities: the thread that creates the memory and all that open it compute the same places.
//
//   cells of all tables | columns of worker 0 | columns of worker 1 | ...
import { fieldCount } from "./fields.ts";
import type { TableName } from "./layout.ts";

/** How many rows each table has, fixed at start. Untouched rows cost address space only. */
export interface Capacity {
  readonly workers: number;
  readonly servers: number;
  readonly backends: number;
  readonly frontends: number;
}

/** Everything that another thread needs to open the scoreboard; structured-cloneable. */
export interface ScoreboardMemory {
  readonly buffer: SharedArrayBuffer;
  readonly capacity: Capacity;
}

/** Where one table lies. Offsets are bytes from the start of the buffer. */
export interface TablePlace {
  readonly rows: number;
  readonly workers: number;
  /** Int32 cells from one row to the next, and where the first row's are. */
  readonly rowCells: number;
  readonly cellsAt: number;
  /** Worker 0's Float64 counters and Int32 gauge shares; later workers' `workerBytes` further. */
  readonly countersAt: number;
  readonly sharesAt: number;
  readonly workerBytes: number;
}

export interface MemoryPlaces {
  readonly bytes: number;
  readonly tables: Readonly<Record<TableName, TablePlace>>;
}

const cellBytes = 4;
const counterBytes = 8;
/** One cache line on every machine that we run on (some fetch lines in pairs; see `spare`). */
const lineBytes = 64;
/** The buffer need not start on a line, so workers' columns are kept a whole line apart. */
const spare = lineBytes;

function lines(bytes: number): number {
  return Math.ceil(bytes / lineBytes) * lineBytes;
}

/** Float64 fields of a row in one worker's column: its counters, then its marks. */
export function columnFields(table: TableName): number {
  return fieldCount(table, "counter") + fieldCount(table, "mark");
}

/** A row's cells fill whole lines: two workers busy with two servers do not slow each other. */
function rowBytes(table: TableName): number {
  return lines((fieldCount(table, "gauge") + fieldCount(table, "shared")) * cellBytes);
}

/** Throws a RangeError when a capacity is not a whole number of at least 1. */
export function placesFor(capacity: Capacity): MemoryPlaces {
  for (const [name, value] of Object.entries(capacity)) {
    if (Number.isSafeInteger(value) && value >= 1) continue;
    throw new RangeError(`scoreboard capacity for ${name} must be a whole number from 1: ${value}`);
  }
  const rowsOf: Record<TableName, number> = {
    server: capacity.servers,
    backend: capacity.backends,
    frontend: capacity.frontends,
    worker: 1,
  };
  const names: readonly TableName[] = ["server", "backend", "frontend", "worker"];

  let end = 0;
  const cellsAt = {} as Record<TableName, number>;
  for (const name of names) {
    cellsAt[name] = end;
    end += rowBytes(name) * rowsOf[name];
  }
  const firstColumns = end + spare;

  // Within a worker's columns each table has its counters, then its shares.
  let column = 0;
  const countersAt = {} as Record<TableName, number>;
  const sharesAt = {} as Record<TableName, number>;
  for (const name of names) {
    countersAt[name] = firstColumns + column;
    column += lines(rowsOf[name] * columnFields(name) * counterBytes);
    sharesAt[name] = firstColumns + column;
    column += lines(rowsOf[name] * fieldCount(name, "gauge") * cellBytes);
  }
  const workerBytes = column + spare;

  const place = (name: TableName): TablePlace => ({
    rows: rowsOf[name],
    workers: capacity.workers,
    rowCells: rowBytes(name) / cellBytes,
    cellsAt: cellsAt[name],
    countersAt: countersAt[name],
    sharesAt: sharesAt[name],
    workerBytes,
  });
  return {
    bytes: firstColumns + workerBytes * capacity.workers,
    tables: {
      server: place("server"),
      backend: place("backend"),
      frontend: place("frontend"),
      worker: place("worker"),
    },
  };
}
