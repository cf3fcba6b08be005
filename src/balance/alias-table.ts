// Weighted random draws in constant time: Walker's alias method, built as Vose does (1991). The
// policies random and p2c draw from it.
import { type Random, randomBelow } from "./random.ts";

export class AliasTable {
  private readonly random: Random;
  private readonly count: number;
  private readonly weights: Int32Array;
  /** The part of a column that is its own candidate's; the rest is the alias's. */
  private readonly own: Float64Array;
  private readonly aliases: Int32Array;

  constructor(weights: Int32Array, random: Random) {
    this.random = random;
    this.count = weights.length;
    this.weights = weights;
    this.own = new Float64Array(this.count).fill(1);
    this.aliases = Int32Array.from(weights.keys());
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    const filled = Float64Array.from(weights, (weight) => (weight * this.count) / total);
    const poor: number[] = [];
    const rich: number[] = [];
    for (const [column, part] of filled.entries()) (part < 1 ? poor : rich).push(column);
    // Each poor column is filled up by a rich one. What rounding leaves over stays a whole column.
    while (poor.length > 0 && rich.length > 0) {
      const needy = poor.pop() as number;
      const giver = rich.at(-1) as number;
      this.own[needy] = filled[needy] as number;
      this.aliases[needy] = giver;
      filled[giver] = (filled[giver] as number) + (filled[needy] as number) - 1;
      if (filled[giver] < 1) poor.push(rich.pop() as number);
    }
  }

  /** One of all, by weight; there must be one. */
  draw(): number {
    // One number serves twice: its whole part chooses the column, the rest is the coin.
    const spot = (this.random.next() / 0x1_0000_0000) * this.count;
    const column = Math.floor(spot);
    return spot - column < (this.own[column] as number) ? column : (this.aliases[column] as number);
  }

  /** One of those that are not excluded, by weight; -1 when all are. Looks at every one. */
  drawBeside(excluded: Uint8Array): number {
    let total = 0;
    for (let i = 0; i < this.count; i++) if (excluded[i] === 0) total += this.weights[i] as number;
    if (total === 0) return -1;
    let left = randomBelow(this.random, total);
    for (let i = 0; i < this.count; i++) {
      if (excluded[i] !== 0) continue;
      left -= this.weights[i] as number;
      if (left < 0) return i;
    }
    return -1;
  }
}
