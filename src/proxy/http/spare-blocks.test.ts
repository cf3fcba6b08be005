// Blocks that are used again, and what is not kept for that.
import { expect, it } from "vitest";
import { SpareBlocks } from "./spare-blocks.ts";

it("gives what was given back to whoever asks for that size next", () => {
  const blocks = new SpareBlocks();
  const block = blocks.take(16_200);
  expect(block).toHaveLength(16_384);
  expect(blocks.take(16_384)).not.toBe(block);
  blocks.giveBack(block);
  expect(blocks.take(8192)).not.toBe(block);
  expect(blocks.take(16_385)).toHaveLength(32_768);
  expect(blocks.take(8193)).toBe(block);
  expect(blocks.take(8193)).not.toBe(block);
  expect(blocks.take(1)).toHaveLength(4096);
});

it("keeps two megabytes at most, and no size that nobody would ask for", () => {
  const blocks = new SpareBlocks();
  const large = blocks.take(200_000);
  expect(large).toHaveLength(200_000);
  const odd = [large, new Uint8Array(5000), new Uint8Array(2048), new Uint8Array(1 << 18)];
  for (const block of odd) blocks.giveBack(block);
  for (const { length } of odd) expect(odd).not.toContain(blocks.take(length));
  const many = new Set(Array.from({ length: 20 }, () => blocks.take(131_072)));
  expect(many.size).toBe(20);
  for (const block of many) blocks.giveBack(block);
  let again = 0;
  for (let i = 0; i < 20; i++) if (many.has(blocks.take(131_072))) again++;
  expect(again).toBe(16);
});
