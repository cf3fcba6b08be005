// The reactor conformance suite: what every implementation of reactor.ts must do, each rule a test.
// An implementation's own test file calls reactorConformance() with its harness. The tests know
// peers and capabilities only through conformance/, so that a simulated reactor can join.
import { afterEach, beforeEach, describe, expect } from "vitest";
import { backpressureTests } from "./conformance/backpressure.conformance.ts";
import { callbackTests } from "./conformance/callbacks.conformance.ts";
import { connectingTests } from "./conformance/connecting.conformance.ts";
import { descriptorTests } from "./conformance/descriptors.conformance.ts";
import { endingTests } from "./conformance/endings.conformance.ts";
import { forwardAttackTests } from "./conformance/forward-attacks.conformance.ts";
import { forwardLimitTests } from "./conformance/forward-limits.conformance.ts";
import type { Harness } from "./conformance/harness.conformance.ts";
import { idleTests } from "./conformance/idle.conformance.ts";
import { listeningTests } from "./conformance/listening.conformance.ts";
import { lifetimeTests } from "./conformance/lifetime.conformance.ts";
import { takeCallbacksInside } from "./conformance/recorder.conformance.ts";
import { smallWriteTests } from "./conformance/small-writes.conformance.ts";
import { streamTests } from "./conformance/streams.conformance.ts";
import { timerTests } from "./conformance/timers.conformance.ts";
import { writingTests } from "./conformance/writing.conformance.ts";

/** Defines the suite for one implementation. `makeHarness` is called before every test. */
export function reactorConformance(name: string, makeHarness: () => Harness): void {
  describe(`${name} reactor`, () => {
    let harness: Harness | null = null;
    const use = (): Harness => harness as Harness;

    beforeEach(() => {
      harness = makeHarness();
    });

    afterEach(async () => {
      await use().close();
      harness = null;
      expect(takeCallbacksInside(), "callbacks from inside a call").toEqual([]);
    });

    describe("streams", () => {
      streamTests(use);
    });
    describe("backpressure", () => {
      backpressureTests(use);
    });
    describe("limits of forward()", () => {
      forwardLimitTests(use);
    });
    describe("forward() at its worst moments", () => {
      forwardAttackTests(use);
    });
    describe("writing", () => {
      writingTests(use);
    });
    describe("small writes", () => {
      smallWriteTests(use);
    });
    describe("idle connections", () => {
      idleTests(use);
    });
    describe("endings", () => {
      endingTests(use);
    });
    describe("connecting", () => {
      connectingTests(use);
    });
    describe("listening", () => {
      listeningTests(use);
    });
    describe("callbacks", () => {
      callbackTests(use);
    });
    describe("descriptors", () => {
      descriptorTests(use);
    });
    describe("timers", () => {
      timerTests(use);
    });
    describe("waking and stopping", () => {
      lifetimeTests(use);
    });
  });
}
