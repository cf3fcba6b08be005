// The conditions of one route that no index answers, cheapest first.
import type { MatchPlan, RoutePlan } from "../../../config/route-plan.ts";
import { AlpnCondition } from "./alpn-condition.ts";
import { BodyCondition } from "./body-condition.ts";
import type { Condition } from "./condition.ts";
import { CookieCondition } from "./cookie-condition.ts";
import { HeaderCondition } from "./header-condition.ts";
import { PathCondition } from "./path-condition.ts";
import { QueryCondition } from "./query-condition.ts";
import type { RequestView } from "./request-view.ts";
import { SecureCondition } from "./secure-condition.ts";
import { SniCondition } from "./sni-condition.ts";
import { SourceCondition } from "./source-condition.ts";

export class CompiledRoute {
  readonly name: string;
  readonly #conditions: readonly Condition[];
  /** Null: the route does not ask for the body. */
  readonly body: BodyCondition | null;

  constructor({ name, match }: RoutePlan) {
    this.name = name;
    this.#conditions = conditionsOf(match);
    this.body = match.body.length > 0 ? new BodyCondition(match.body, match.bodyBytes) : null;
  }

  /** All of them but the body's. */
  holds(view: RequestView): boolean {
    const conditions = this.#conditions;
    for (let i = 0; i < conditions.length; i++) {
      if (!(conditions[i] as Condition).holds(view)) return false;
    }
    return true;
  }

  /** What the first is that does not hold, the body's aside; null: all do. */
  firstFailed(view: RequestView): string | null {
    return this.#conditions.find((condition) => !condition.holds(view))?.what ?? null;
  }
}

function conditionsOf(match: MatchPlan): readonly Condition[] {
  const conditions: Condition[] = [];
  if (match.secure !== null) conditions.push(new SecureCondition(match.secure));
  if (match.alpn.length > 0) conditions.push(new AlpnCondition(match.alpn));
  if (match.sni.length > 0) conditions.push(new SniCondition(match.sni));
  if (match.source.length > 0) conditions.push(new SourceCondition(match.source));
  conditions.push(
    ...match.header.map((each) => new HeaderCondition(each)),
    ...match.cookie.map((each) => new CookieCondition(each)),
    ...match.query.map((each) => new QueryCondition(each)),
  );
  if (match.path.some(({ kind }) => kind === "regex")) {
    conditions.push(new PathCondition(match.path));
  }
  return conditions;
}

/** Whether all that it asks for is in a request's head as the client wrote it, and not in the field `but`. */
export function asksHead(route: RoutePlan, but: string): boolean {
  const { source, header } = route.match;
  return !asksTransport(route) && source.length === 0 && header.every(({ name }) => name !== but);
}

/** Whether it asks how requests have come: what only the conditions on TLS look at. */
export function asksTransport({ match }: RoutePlan): boolean {
  return match.secure !== null || match.alpn.length > 0 || match.sni.length > 0;
}
