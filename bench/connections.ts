// The benchmark's side of client.ts: many connections, opened by another process so that its
// descriptors and memory are nobody else's. The memory rows call it.
import { join } from "node:path";
import type { Child } from "./children.ts";
import type { Answer, Order } from "./client.ts";
import { type Session, projectRoot } from "./session.ts";

export class Connections {
  private readonly child: Child;

  private constructor(child: Child) {
    this.child = child;
  }

  static async start(session: Session): Promise<Connections> {
    const program = join(projectRoot, ".tools/bench/client.js");
    return new Connections(
      await session.start("load", "client", [process.execPath, program], true),
    );
  }

  /** Opens `count` connections, each proven by one exchange, and keeps them; `secure`: over TLS. */
  hold(port: number, count: number, secure = false): Promise<readonly string[]> {
    return this.order({ kind: "hold", port, count, secure });
  }

  /** Opens and closes `count` connections, one exchange on each. */
  churn(port: number, count: number, secure = false): Promise<readonly string[]> {
    return this.order({ kind: "churn", port, count, secure });
  }

  /** Closes what is held; a connection that did not last until now is a problem. */
  release(): Promise<readonly string[]> {
    return this.order({ kind: "release" });
  }

  async stop(): Promise<void> {
    await this.child.stop();
  }

  /** Carries out an order and gives its problems. */
  private async order(order: Order): Promise<readonly string[]> {
    const answered = new Promise<Answer>((resolve) => {
      this.child.process.once("message", (answer: Answer) => resolve(answer));
    });
    this.child.process.send(order);
    const ended = this.child.exited.then((status): never => {
      throw new Error(`the client ended with status ${status}: ${this.child.output.trim()}`);
    });
    const { failures, firstFailure } = await Promise.race([answered, ended]);
    if (failures === 0) return [];
    return [`${failures} connections failed (${order.kind}), the first: ${firstFailure}`];
  }
}
