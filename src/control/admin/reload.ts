// POST /api/v1/reload: reads the configuration again, as SIGHUP does, and answers what came of it.
import { formatProblem } from "../../config/problem.ts";
import type { AdminServices } from "./admin-context.ts";
import { ApiError } from "./api-error.ts";
import { readParameters } from "./parameters.ts";
import { onlyKeys } from "./request-body.ts";
import type { AdminRequest, Resource } from "./router.ts";

/** The answer when the plan is in force; a refusal is a 409 with `error` and `problems`. */
export interface ReloadView {
  /** The file that was read. */
  readonly source: string;
  /** The plan's number; grows with every plan. */
  readonly version: number;
  /** Warnings, as `ballast check` prints them. */
  readonly problems: readonly string[];
}

async function reloadNow(
  request: AdminRequest,
  { context, reload: again }: AdminServices,
): Promise<ReloadView> {
  readParameters(request.query, []);
  onlyKeys(request.body, []);
  if (again === null) {
    throw new ApiError(409, "this Ballast was not started from a file, so there is none to reload");
  }
  const { refused, problems } = await again();
  const lines = problems.map(formatProblem);
  if (refused !== null) throw new ApiError(409, refused, {}, { problems: lines });
  return { source: context.plan.source, version: context.version, problems: lines };
}

export const reload: Resource = {
  path: "/api/v1/reload",
  about: "POST {} reads the configuration again",
  methods: { POST: reloadNow },
};
