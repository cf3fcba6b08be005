// The public API: Ballast as a library. Whatever is exported here is kept compatible; everything
// else may change. Copying types here is deliberate: it is the one list of what others rely on.
export { formatAddress, type NamedAddress, type SocketAddress } from "./config/address.ts";
export { loadConfig, parseConfig, type LoadResult } from "./config/load.ts";
export type {
  AdminPlan,
  BackendPlan,
  BindPlan,
  FrontendPlan,
  GlobalPlan,
  Plan,
  ServerPlan,
} from "./config/plan.ts";
export { formatProblem, type Problem } from "./config/problem.ts";
export { openLog, type Log } from "./control/log.ts";
export { Supervisor } from "./control/supervisor.ts";
