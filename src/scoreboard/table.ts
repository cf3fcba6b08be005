// One table of the scoreboard, as readers, as a worker and as the control plane see it. All three
// are thin: a method is one typed-array access at row * stride + field, because the data plane
// calls them several times a session. They check nothing: a row comes from a RowBook.
//
// A plain Float64 read of another thread's counter may be a moment old, never torn: it is aligned,
// and Node runs on 64-bit machines.
import { type Field, type FieldEntry, fieldCount, fieldEntries } from "./fields.ts";
import type { TableName, Tables } from "./layout.ts";
import { columnFields, type TablePlace } from "./memory.ts";

/** A row's fields by name: counters summed over workers, gauges in total, the earliest mark. */
export type Snapshot<T extends TableName> = { -readonly [Name in keyof Tables[T]]: number };

/** What every thread may do: read everything, and use the shared cells. */
export class Table<T extends TableName> {
  readonly name: T;
  readonly rows: number;
  readonly workers: number;
  /** Gauges and shared cells of all rows; see cellAt(). */
  readonly cells: Int32Array<SharedArrayBuffer>;
  protected readonly rowCells: number;
  protected readonly gauges: number;
  /** Float64 fields of a row in a worker's column: counters and marks. */
  protected readonly counters: number;
  /** The whole buffer as counters and as shares; worker 0's first one and the way to the next. */
  private readonly allCounters: Float64Array<SharedArrayBuffer>;
  private readonly allShares: Int32Array<SharedArrayBuffer>;
  private readonly firstCounter: number;
  private readonly firstShare: number;
  private readonly nextCounters: number;
  private readonly nextShares: number;

  constructor(name: T, buffer: SharedArrayBuffer, place: TablePlace) {
    this.name = name;
    this.rows = place.rows;
    this.workers = place.workers;
    this.cells = new Int32Array(buffer, place.cellsAt, place.rows * place.rowCells);
    this.rowCells = place.rowCells;
    this.gauges = fieldCount(name, "gauge");
    this.counters = columnFields(name);
    this.allCounters = new Float64Array(buffer);
    this.allShares = new Int32Array(buffer);
    this.firstCounter = place.countersAt / Float64Array.BYTES_PER_ELEMENT;
    this.firstShare = place.sharesAt / Int32Array.BYTES_PER_ELEMENT;
    this.nextCounters = place.workerBytes / Float64Array.BYTES_PER_ELEMENT;
    this.nextShares = place.workerBytes / Int32Array.BYTES_PER_ELEMENT;
  }

  load(row: number, field: Field<T, "shared">): number {
    return Atomics.load(this.cells, row * this.rowCells + field);
  }

  store(row: number, field: Field<T, "shared">, value: number): void {
    Atomics.store(this.cells, row * this.rowCells + field, value);
  }

  /** Adds to a shared cell, wrapping at 2^31; returns what it held before. */
  fetchAdd(row: number, field: Field<T, "shared">, delta: number): number {
    return Atomics.add(this.cells, row * this.rowCells + field, delta);
  }

  /** Writes only if the cell still holds `expected`: true when it did. */
  replace(row: number, field: Field<T, "shared">, expected: number, value: number): boolean {
    const at = row * this.rowCells + field;
    return Atomics.compareExchange(this.cells, at, expected, value) === expected;
  }

  /** A gauge's total over all workers. */
  gauge(row: number, field: Field<T, "gauge">): number {
    return Atomics.load(this.cells, row * this.rowCells + field);
  }

  /**
   * A gauge or a shared cell by a plain read, ten times cheaper: for comparing many servers, where
   * a value that is a moment old does no harm. Never for a handshake between threads.
   */
  glance(row: number, field: Field<T, "gauge"> | Field<T, "shared">): number {
    return this.cells[row * this.rowCells + field] as number;
  }

  /**
   * Where that is in `cells`: for a loop over a thousand servers, which computes the places once
   * and then only reads. The same rule as for glance() holds; nobody writes there.
   */
  cellAt(row: number, field: Field<T, "gauge"> | Field<T, "shared">): number {
    return row * this.rowCells + field;
  }

  /** One worker's part in a gauge. */
  share(worker: number, row: number, field: Field<T, "gauge">): number {
    return this.allShares[this.shareAt(worker, row) + field] ?? 0;
  }

  /** A counter's total over all workers. */
  sum(row: number, field: Field<T, "counter">): number {
    let total = 0;
    for (let worker = 0; worker < this.workers; worker++) total += this.column(worker, row, field);
    return total;
  }

  /** One worker's part in a counter. */
  column(worker: number, row: number, field: Field<T, "counter">): number {
    return this.allCounters[this.counterAt(worker, row) + field] ?? 0;
  }

  /** One worker's mark: a moment, or 0. */
  mark(worker: number, row: number, field: Field<T, "mark">): number {
    return this.allCounters[this.counterAt(worker, row) + field] ?? 0;
  }

  /** The worker with the earliest mark; -1 when none has one. */
  earliest(row: number, field: Field<T, "mark">): number {
    let earliest = -1;
    let at = Infinity;
    for (let worker = 0; worker < this.workers; worker++) {
      const mark = this.mark(worker, row, field);
      if (mark === 0 || mark >= at) continue;
      at = mark;
      earliest = worker;
    }
    return earliest;
  }

  /** True when every gauge of the row is zero: nobody is using what it counts. */
  idle(row: number): boolean {
    for (let field = 0; field < this.gauges; field++) {
      if (Atomics.load(this.cells, row * this.rowCells + field) !== 0) return false;
    }
    return true;
  }

  /** Every field of a row by name, for metrics and the admin API. Allocates. */
  snapshot(row: number): Snapshot<T> {
    const values = fieldEntries(this.name).map((entry) => [entry.name, this.valueOf(row, entry)]);
    return Object.fromEntries(values) as Snapshot<T>;
  }

  private valueOf(row: number, { kind, number }: FieldEntry): number {
    if (kind === "counter") return this.sum(row, number as Field<T, "counter">);
    if (kind !== "mark") return Atomics.load(this.cells, row * this.rowCells + number);
    const field = number as Field<T, "mark">;
    const worker = this.earliest(row, field);
    return worker < 0 ? 0 : this.mark(worker, row, field);
  }

  /** A worker's counters of all rows, one row after the other. */
  protected countersOf(worker: number): Float64Array<SharedArrayBuffer> {
    const start = this.counterAt(worker, 0);
    return this.allCounters.subarray(start, start + this.rows * this.counters);
  }

  /** A worker's gauge shares of all rows, one row after the other. */
  protected sharesOf(worker: number): Int32Array<SharedArrayBuffer> {
    const start = this.shareAt(worker, 0);
    return this.allShares.subarray(start, start + this.rows * this.gauges);
  }

  private counterAt(worker: number, row: number): number {
    return this.firstCounter + worker * this.nextCounters + row * this.counters;
  }

  private shareAt(worker: number, row: number): number {
    return this.firstShare + worker * this.nextShares + row * this.gauges;
  }
}

/** A worker's view: it writes its own columns. */
export class WorkerTable<T extends TableName> extends Table<T> {
  private readonly ownCounters: Float64Array<SharedArrayBuffer>;
  private readonly ownShares: Int32Array<SharedArrayBuffer>;

  constructor(name: T, buffer: SharedArrayBuffer, place: TablePlace, worker: number) {
    super(name, buffer, place);
    this.ownCounters = this.countersOf(worker);
    this.ownShares = this.sharesOf(worker);
  }

  /** Adds to a counter; `amount` is never negative. */
  count(row: number, field: Field<T, "counter">, amount: number): void {
    const at = row * this.counters + field;
    this.ownCounters[at] = (this.ownCounters[at] as number) + amount;
  }

  /** Sets this worker's part in a counter to a value that is not below the old one: a clock's. */
  advance(row: number, field: Field<T, "counter">, value: number): void {
    this.ownCounters[row * this.counters + field] = value;
  }

  /** Sets this worker's mark; before the gauge that tells others to look at it. */
  setMark(row: number, field: Field<T, "mark">, moment: number): void {
    this.ownCounters[row * this.counters + field] = moment;
  }

  /**
   * Moves a gauge; returns its new total over all workers, so that taking a place and seeing
   * whether there was room is one step: `gaugeAdd(row, active, 1) <= maxconn`. The share is written
   * first: who sees the total (an atomic) sees the share that belongs to it.
   */
  gaugeAdd(row: number, field: Field<T, "gauge">, delta: number): number {
    const at = row * this.gauges + field;
    this.ownShares[at] = (this.ownShares[at] as number) + delta;
    return Atomics.add(this.cells, row * this.rowCells + field, delta) + delta;
  }
}

/** The control plane's view: it gives rows away and cleans up, and never counts. */
export class ControlTable<T extends TableName> extends Table<T> {
  /** Zeroes a row in all columns, for its next owner. No worker may be using the row. */
  clearRow(row: number): void {
    for (let worker = 0; worker < this.workers; worker++) {
      this.countersOf(worker).fill(0, row * this.counters, (row + 1) * this.counters);
      this.sharesOf(worker).fill(0, row * this.gauges, (row + 1) * this.gauges);
    }
    const end = (row + 1) * this.rowCells;
    for (let at = row * this.rowCells; at < end; at++) Atomics.store(this.cells, at, 0);
  }

  /** Takes a worker's shares out of every gauge, and its marks. Its thread must have ended. */
  releaseWorker(worker: number): void {
    const columns = this.countersOf(worker);
    const counters = fieldCount(this.name, "counter");
    for (let at = counters; counters < this.counters && at < columns.length; at += this.counters) {
      columns.fill(0, at, at + this.counters - counters);
    }
    const shares = this.sharesOf(worker);
    for (const [at, share] of shares.entries()) {
      if (share === 0) continue;
      const row = Math.floor(at / this.gauges);
      Atomics.sub(this.cells, row * this.rowCells + (at % this.gauges), share);
      shares[at] = 0;
    }
  }
}
