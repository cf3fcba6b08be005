// What a test has started and must not leave behind. Support files hand in a clean-up for each
// thing they start; after every test all of them run, the newest first, and the first failure of
// one fails the test. What is started in beforeAll would be cleaned up after the first test, unless it
// is started through forAllTests().
import { afterAll, afterEach } from "vitest";

type Cleanup = () => void | Promise<void>;

const cleanups: Cleanup[] = [];
const lasting: Cleanup[] = [];

/** Runs `cleanup` when the current test has ended, however it ended. */
export function atTestEnd(cleanup: Cleanup): void {
  cleanups.push(cleanup);
}

/** For beforeAll: what `start` starts is there for all tests of the file, and cleaned up after the last. */
export async function forAllTests<T>(start: () => Promise<T>): Promise<T> {
  const started = await start();
  lasting.push(...cleanups.splice(0));
  return started;
}

afterEach(() => cleanUp(cleanups));
afterAll(() => cleanUp(lasting));

async function cleanUp(left: Cleanup[]): Promise<void> {
  const failures: unknown[] = [];
  for (const cleanup of left.splice(0).toReversed()) {
    try {
      await cleanup();
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
}
