// Lines of a child process as they come, and those that are JSON objects as objects.
import type { Readable } from "node:stream";

export class LineReader {
  readonly lines: string[] = [];
  readonly objects: object[] = [];
  #rest = "";

  constructor(stream: Readable | null) {
    stream?.setEncoding("utf8");
    stream?.on("data", (text: string) => this.#take(text));
    stream?.on("end", () => {
      if (this.#rest !== "") this.#line(this.#rest);
    });
  }

  #take(text: string): void {
    const parts = (this.#rest + text).split("\n");
    this.#rest = parts.pop() ?? "";
    for (const line of parts) this.#line(line);
  }

  #line(line: string): void {
    this.lines.push(line);
    if (!line.startsWith("{")) return;
    try {
      this.objects.push(JSON.parse(line) as object);
    } catch {
      // Not JSON after all: it stays among the lines.
    }
  }
}
