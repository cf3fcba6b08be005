// What a test has started and must not leave behind. Support files hand in a clean-up for each
// thing they start; after every test all of them run, the newest first, and the first failure of
// one fails the test. What is started in beforeAll would be cleaned up after the first test.
import { afterEach } from "vitest";

type Cleanup = () => void | Promise<void>;

const cleanups: Cleanup[] = [];

/** Runs `cleanup` when the current test has ended, however it ended. */
export function atTestEnd(cleanup: Cleanup): void {
  cleanups.push(cleanup);
}

afterEach(async () => {
  const failures: unknown[] = [];
  for (const cleanup of cleanups.splice(0).toReversed()) {
    try {
      await cleanup();
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
});
