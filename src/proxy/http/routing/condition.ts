// One condition of a route that no index answers: asked in order, and only of routes that hold so far.
import type { RequestView } from "./request-view.ts";

export interface Condition {
  /** As the configuration names it, for `explain`: `header x-beta`. */
  readonly what: string;
  holds(view: RequestView): boolean;
}
