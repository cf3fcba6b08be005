// The memory in which workers share sessions of clients without tickets: one piece for each bind, kept over
// reloads as long as it is to hold as much.
import type { BindTlsPlan } from "../../config/tls-plan.ts";
import { createSessionCache, type SessionCacheMemory } from "../../tls/session-cache.ts";

interface Kept {
  readonly size: number;
  readonly certified: boolean;
  readonly memory: SessionCacheMemory;
}

export class SessionCaches {
  #caches: Map<string, Kept>;

  constructor() {
    this.#caches = new Map();
  }

  /** These binds run from now on. */
  use(binds: ReadonlyMap<string, BindTlsPlan>): void {
    const before = this.#caches;
    this.#caches = new Map();
    for (const [key, { sessionCache: size, clientAuth }] of binds) {
      if (size === 0) continue;
      const certified = clientAuth !== null;
      const known = before.get(key);
      const same = known?.size === size && known.certified === certified;
      const cache = same ? known : { size, certified, memory: createSessionCache(size, certified) };
      this.#caches.set(key, cache);
    }
  }

  /** Null: that bind keeps none. */
  of(key: string): SessionCacheMemory | null {
    return this.#caches.get(key)?.memory ?? null;
  }
}
