// Kernel pipes for splice(2): bytes move from socket to socket without entering this process.
// A direction borrows a pipe while data is in transit and gives it back empty, so a few pipes
// serve thousands of connections.
import { Memory } from "../../sys/memory.ts";
import type { Ownership } from "./ownership.ts";

export class Pipe {
  readonly readEnd: number;
  readonly writeEnd: number;
  /** In the pipe now. */
  bytes: number;

  constructor(readEnd: number, writeEnd: number) {
    this.readEnd = readEnd;
    this.writeEnd = writeEnd;
    this.bytes = 0;
  }
}

export class PipePool {
  /** Pipes at once; a transfer that finds none copies instead. Two descriptors each. */
  readonly #max: number;
  readonly #free: Pipe[];
  readonly #pair: Memory;
  readonly #ownership: Ownership;
  #open: number;

  constructor(max: number, ownership: Ownership) {
    this.#max = max;
    this.#ownership = ownership;
    this.#free = [];
    this.#pair = new Memory(8);
    this.#open = 0;
  }

  /** An empty pipe, or null when there are too many or the kernel has none. */
  borrow(): Pipe | null {
    const pipe = this.#free.pop();
    if (pipe !== undefined) return pipe;
    if (this.#open >= this.#max) return null;
    if (this.#ownership.pipe(this.#pair) < 0) return null;
    this.#open++;
    return new Pipe(this.#pair.int32[0] as number, this.#pair.int32[1] as number);
  }

  /** Takes a pipe back; one that still holds bytes is closed, which frees them. */
  giveBack(pipe: Pipe): void {
    if (pipe.bytes === 0) {
      this.#free.push(pipe);
      return;
    }
    this.#open--;
    this.#close(pipe);
  }

  closeAll(): void {
    for (const pipe of this.#free) this.#close(pipe);
    this.#open -= this.#free.length;
    this.#free.length = 0;
  }

  #close(pipe: Pipe): void {
    this.#ownership.close(pipe.readEnd);
    this.#ownership.close(pipe.writeEnd);
  }
}
