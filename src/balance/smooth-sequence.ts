// The order in which smooth weighted round robin visits servers: nginx's, so that weights 5, 1, 1
// give a a b a c a a and not a a a a a b c. Pure arithmetic; roundrobin.ts calls it once a change.
import { greatestCommonDivisor } from "./greatest-common-divisor.ts";

/**
 * The longest sequence that is computed exactly. 65,536 entries are room for 256 servers of any
 * weights to 256, or 65,536 of equal weight. Beyond it weights are scaled down (see below).
 */
export const entriesMax = 65_536;

/**
 * Candidates in the order of their turns; each appears as often as its weight (reduced by the
 * greatest common divisor) says. `weights` are whole numbers from 1.
 *
 * At no point of the order has anyone had a whole turn more than its share.
 *
 * When the reduced weights sum to more than `limit`, they are scaled to about that sum, none below
 * 1: then the sequence has at most limit + weights.length entries, and a server's share is off by
 * at most half an entry, or for the very lightest by one.
 */
export function smoothSequence(weights: Int32Array, limit: number = entriesMax): Int32Array {
  const turns = reduce(weights, limit);
  const classes = classesOf(turns);
  const total = turns.reduce((sum, each) => sum + each, 0);
  const sequence = new Int32Array(total);

  // nginx: every server's credit grows by its weight; the largest credit (the first of equals) has
  // the turn and pays the total. That is total x servers steps. But servers of equal weight take
  // their turns in plain rotation, so only the head of each class of equal weights can win, and
  // there are few classes: their weights differ, so k of them have a total of at least k * k / 2.
  // A standing is credit * servers - head: one comparison finds the first of the largest.
  const servers = turns.length;
  const steps = Float64Array.from(classes, ({ weight }) => weight * servers);
  const standings = Float64Array.from(classes, ({ members }) => -(members[0] as number));
  const places = new Int32Array(classes.length);
  for (let turn = 0; turn < total; turn++) {
    let best = 0;
    let bestStanding = -Infinity;
    for (let i = 0; i < standings.length; i++) {
      const standing = (standings[i] as number) + (steps[i] as number);
      standings[i] = standing;
      if (standing <= bestStanding) continue;
      best = i;
      bestStanding = standing;
    }
    const { members } = classes[best] as WeightClass;
    const place = places[best] as number;
    const head = members[place] as number;
    const around = place + 1 === members.length;
    const next = around ? 0 : place + 1;
    sequence[turn] = head;
    places[best] = next;
    // The head that follows has not paid for this round yet, unless all its class has.
    standings[best] =
      bestStanding + head - (members[next] as number) - (around ? total * servers : 0);
  }
  return sequence;
}

/** Servers of one weight, in their order. */
interface WeightClass {
  readonly weight: number;
  readonly members: number[];
}

function classesOf(turns: Int32Array): WeightClass[] {
  const classes = new Map<number, WeightClass>();
  for (const [index, weight] of turns.entries()) {
    const same = classes.get(weight);
    if (same === undefined) classes.set(weight, { weight, members: [index] });
    else same.members.push(index);
  }
  return [...classes.values()];
}

/** Turns per server in one sequence: the weights in their lowest terms, scaled down to fit. */
function reduce(weights: Int32Array, limit: number): Int32Array {
  const divisor = weights.reduce(greatestCommonDivisor, 0) || 1;
  const total = weights.reduce((sum, weight) => sum + weight, 0) / divisor;
  if (total <= limit) return weights.map((weight) => weight / divisor);
  const scale = limit / total / divisor;
  const scaled = weights.map((weight) => Math.max(1, Math.round(weight * scale)));
  const again = scaled.reduce(greatestCommonDivisor, 0);
  return scaled.map((weight) => weight / again);
}
