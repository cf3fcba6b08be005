// Which reactor this machine runs: epoll where direct system calls work, node elsewhere.
import type { ReactorKind } from "../config/plan.ts";

export interface ReactorChoice {
  readonly kind: ReactorKind;
  /** Why `auto` did not take epoll; empty when it did or was not asked. */
  readonly reason: string;
}

/** Throws an Error with a sentence when `epoll` is asked for and cannot be had. */
export async function chooseReactor(wanted: ReactorKind | "auto"): Promise<ReactorChoice> {
  if (wanted === "node") return { kind: "node", reason: "" };
  const obstacle = await epollObstacle();
  if (obstacle === "") return { kind: "epoll", reason: "" };
  if (wanted === "epoll") {
    throw new Error(`global.reactor: epoll cannot run here: ${obstacle}; say auto or node instead`);
  }
  return { kind: "node", reason: obstacle };
}

async function epollObstacle(): Promise<string> {
  const { platform, arch } = process;
  if (platform !== "linux") return `it needs Linux, and this is ${platform}`;
  if (arch !== "x64" && arch !== "arm64") return `it knows x64 and arm64, and this is ${arch}`;
  try {
    await import("../sys/libc.ts");
    return "";
  } catch (error) {
    return `system calls cannot be bound (${error instanceof Error ? error.message : String(error)})`;
  }
}
