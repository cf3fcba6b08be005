// All that the admin API answers, in the order in which it is listed.
import { backends } from "./backends.ts";
import { frontends } from "./frontends.ts";
import { overview } from "./overview.ts";
import { reload } from "./reload.ts";
import type { Resource } from "./router.ts";
import { server, servers } from "./servers.ts";
import { sessions } from "./sessions.ts";
import { stick } from "./stick.ts";

const others: readonly Resource[] = [frontends, backends, servers, server, sessions, stick, reload];

export const resources: readonly Resource[] = [overview(others), ...others];
