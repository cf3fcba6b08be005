// Weights in their lowest terms: smooth-sequence.ts and modulo.ts divide by this.

export function greatestCommonDivisor(a: number, b: number): number {
  while (b !== 0) [a, b] = [b, a % b];
  return a;
}
