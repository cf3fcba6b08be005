// A piece of somebody's bytes: what a look-up found. One object is filled again and again, so that
// finding allocates nothing. Valid as long as the bytes are.

export class Span {
  bytes: Uint8Array;
  start: number;
  end: number;

  constructor() {
    this.bytes = nothing;
    this.start = 0;
    this.end = 0;
  }

  set(bytes: Uint8Array, start: number, end: number): void {
    this.bytes = bytes;
    this.start = start;
    this.end = end;
  }
}

const nothing = new Uint8Array(0);
