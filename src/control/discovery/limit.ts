// A time limit around a question that may never be answered. For resolvers only: whoever can be
// told to stop should be.
import { ResolveFailure } from "./answer.ts";

/**
 * `work`, or a ResolveFailure once `limitMs` have passed; the work itself goes on. What came in time
 * while this thread was busy is an answer: it is read before the limit is looked at.
 */
export async function within<T>(work: Promise<T>, limitMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    const expire = (): void => reject(new ResolveFailure(`no answer within ${limitMs / 1000} s`));
    timer = setTimeout(() => setImmediate(expire), limitMs);
    // Nothing waits for an answer when everything else has ended.
    timer.unref();
  });
  try {
    return await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
  }
}
