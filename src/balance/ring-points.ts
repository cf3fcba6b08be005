// The points of a name on the hash ring, as libketama makes them: MD5 of `name-0`, `name-1`, ...,
// four points a digest. ring.ts calls it in the control plane. Points are kept between two tables,
// because hashing a thousand names takes a tenth of a second and a changed weight changes none of
// them, only how many are used.
import { createHash } from "node:crypto";

const pointsPerDigest = 4;

/** Names kept at most: more than the servers of any plan. Beyond it everything is made anew. */
const namesMax = 20_000;

const known = new Map<string, Uint32Array>();

/** At least the first `count` points of a name; not to be changed. */
export function ringPoints(name: string, count: number): Uint32Array {
  const before = known.get(name);
  if (before !== undefined && before.length >= count) return before;
  if (before === undefined && known.size >= namesMax) known.clear();
  const points = new Uint32Array(Math.ceil(count / pointsPerDigest) * pointsPerDigest);
  if (before !== undefined) points.set(before);
  for (let at = before?.length ?? 0; at < points.length; at += pointsPerDigest) {
    const digest = createHash("md5")
      .update(`${name}-${at / pointsPerDigest}`)
      .digest();
    for (let i = 0; i < pointsPerDigest; i++) points[at + i] = digest.readUInt32LE(4 * i);
  }
  known.set(name, points);
  return points;
}
