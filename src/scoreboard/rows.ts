// Which row of a table belongs to which name. The control plane keeps one RowBook a table for its
// whole life: over reloads a name that stays keeps its row, and with it counters and sessions. A
// name that is gone keeps its row until its last session has ended. Workers never see this file.
import type { TableName } from "./layout.ts";
import type { ControlTable } from "./table.ts";

/** The name under which a server has its row. Neither name may contain a slash. */
export function serverKey(backend: string, server: string): string {
  return `${backend}/${server}`;
}

export class RowBook<T extends TableName> {
  private readonly table: ControlTable<T>;
  private readonly rowsByName = new Map<string, number>();
  /** Names that no plan mentions any more and whose rows are not free yet. */
  private readonly leaving = new Set<string>();
  /** Rows given back; those from `fresh` on were never used. */
  private readonly freed: number[] = [];
  private fresh = 0;

  constructor(table: ControlTable<T>) {
    this.table = table;
  }

  /**
   * The row of a name: the one it has, or a free one, cleared. Throws an Error when the table is
   * full; ask fits() first where a failure must change nothing.
   */
  assign(name: string): number {
    this.leaving.delete(name);
    const known = this.rowsByName.get(name);
    if (known !== undefined) return known;
    const row = this.freed.pop() ?? this.fresh;
    if (row >= this.table.rows) throw new Error(this.full([name]));
    if (row === this.fresh) this.fresh++;
    this.table.clearRow(row);
    this.rowsByName.set(name, row);
    return row;
  }

  /** Null when all these names can have rows, else a sentence that says what is missing. */
  fits(names: Iterable<string>): string | null {
    const missing = [...new Set(names)].filter((name) => !this.rowsByName.has(name));
    return missing.length <= this.free ? null : this.full(missing);
  }

  /** The names of the plan in force. All others leave: sweep() frees their rows when it can. */
  retain(names: Iterable<string>): void {
    const kept = new Set(names);
    for (const name of this.rowsByName.keys()) if (!kept.has(name)) this.leaving.add(name);
    for (const name of kept) this.leaving.delete(name);
  }

  /**
   * Frees the rows of leaving names that nobody uses any more (all gauges zero); returns those
   * names. Call it from time to time, and only when every worker has taken the plan without them:
   * a worker that still has the old plan could start a session on a row just given away.
   */
  sweep(): string[] {
    const gone: string[] = [];
    for (const name of this.leaving) {
      const row = this.rowsByName.get(name);
      if (row === undefined || !this.table.idle(row)) continue;
      this.rowsByName.delete(name);
      this.leaving.delete(name);
      this.freed.push(row);
      gone.push(name);
    }
    return gone;
  }

  /** The row of a name, also of a leaving one; undefined for a name without a row. */
  row(name: string): number | undefined {
    return this.rowsByName.get(name);
  }

  /** Names that still have sessions though the plan dropped them. */
  get draining(): readonly string[] {
    return [...this.leaving];
  }

  get free(): number {
    return this.table.rows - this.fresh + this.freed.length;
  }

  private full(names: readonly string[]): string {
    const { name, rows } = this.table;
    const some = names.slice(0, 3).join(", ") + (names.length > 3 ? ", ..." : "");
    return (
      `no room for ${names.length} more ${name} row(s) (${some}): ${this.free} of ${rows} are free, ` +
      `${this.leaving.size} wait for their last sessions to end. The number is fixed at start: ` +
      `restart to get more, or remove some first`
    );
  }
}
