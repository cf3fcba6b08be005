// A time limit around a question that may never be answered. For resolvers only: whoever can be
// told to stop should be.
import { ResolveFailure } from "./answer.ts";

/** `work`, or a ResolveFailure once `limitMs` have passed; the work itself goes on. */
export async function within<T>(work: Promise<T>, limitMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new ResolveFailure(`no answer within ${limitMs / 1000} s`)),
      limitMs,
    );
    // Nothing waits for an answer when everything else has ended.
    timer.unref();
  });
  try {
    return await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
  }
}
