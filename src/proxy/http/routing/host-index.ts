// Which routes' host condition holds for a host: one walk from its end to its start, which at each
// dot looks for a suffix and at the end for the whole. The longest that is known decides, because its
// row holds the routes of all the shorter ones too. Case and one trailing dot (RFC 9110 section 4.2.3,
// RFC 1034 section 3.1) make no difference.
import { lowerCase } from "../../../http/characters.ts";
import { hashStep } from "../../../http/field-name.ts";
import type { HostMatch } from "../../../config/route-plan.ts";
import { ByteTable } from "./byte-table.ts";
import { addAll, addRoute, type RouteSets, SetsByKey } from "./route-sets.ts";

const dot = 0x2e;
/** No name is longer (RFC 1035 section 2.3.4: 253 and a trailing dot); a longer one is no known one. */
const hostBytesMax = 254;

export class HostIndex {
  readonly #exact: ByteTable;
  readonly #exactRows: Int32Array;
  readonly #suffixes: ByteTable;
  readonly #suffixRows: Int32Array;
  readonly #any: number;
  /** The host in lower case. */
  readonly #lower: Uint8Array;

  /** `conditions`: of each route. */
  constructor(conditions: readonly (readonly HostMatch[])[], sets: RouteSets) {
    const any = sets.empty();
    const exact = new SetsByKey(sets);
    const suffixes = new SetsByKey(sets);
    for (const [route, hosts] of conditions.entries()) {
      if (hosts.length === 0) addRoute(any, route);
      for (const { kind, value } of hosts) {
        const bare = value.toLowerCase().replace(/\.$/, "");
        (kind === "exact" ? exact : suffixes).add(bare, route);
      }
    }
    const row = (name: string, own: Int32Array): number => {
      const set = own.slice();
      addAll(set, any);
      for (let at = name.indexOf(".", 1); at >= 0; at = name.indexOf(".", at + 1)) {
        const others = suffixes.byKey.get(name.slice(at));
        if (others !== undefined) addAll(set, others);
      }
      return sets.place(set);
    };
    this.#exact = tableOf(exact.byKey);
    this.#exactRows = Int32Array.from(exact.byKey, ([name, own]) => row(name, own));
    this.#suffixes = tableOf(suffixes.byKey);
    this.#suffixRows = Int32Array.from(suffixes.byKey, ([name, own]) => row(name, own));
    this.#any = sets.place(any);
    this.#lower = new Uint8Array(hostBytesMax);
  }

  /** The row of the host `bytes[start..end)`, without port; empty: there is none. */
  row(bytes: Uint8Array, start: number, end: number): number {
    if (this.#exact.size + this.#suffixes.size === 0) return this.#any;
    const length = end > start && bytes[end - 1] === dot ? end - start - 1 : end - start;
    if (length === 0 || length > hostBytesMax) return this.#any;
    const lower = this.#lower;
    let row = this.#any;
    let hash = 0;
    for (let i = length - 1; i >= 0; i--) {
      const byte = lowerCase[bytes[start + i] as number] as number;
      lower[i] = byte;
      hash = hashStep(hash, byte);
      if (byte !== dot || i === 0) continue;
      const known = this.#suffixes.find(hash, lower, i, length);
      if (known >= 0) row = this.#suffixRows[known] as number;
    }
    const known = this.#exact.find(hash, lower, 0, length);
    return known < 0 ? row : (this.#exactRows[known] as number);
  }
}

/** Hashed from the end, as hosts are walked. */
function tableOf(byKey: ReadonlyMap<string, unknown>): ByteTable {
  const keys = Array.from(byKey.keys(), (key) => Uint8Array.from(Buffer.from(key)));
  return new ByteTable(
    keys,
    keys.map((key) => key.reduceRight(hashStep, 0)),
  );
}
