// The two BIOs that records pass through, without the copies that BIO_read and BIO_write make: OpenSSL
// reads where the bytes stand, and what it has written is sent from where it stands. Both rest on what
// bio_s_mem(3) shows: BIO_get_mem_ptr gives the BUF_MEM, a public structure (openssl/buffer.h). The
// constructors try whether it is as it should be.
import { fixedBytes, viewMemory } from "./bind.ts";
import { bioControl, bioMemory, bioNew, bioOver, bioRead, bioSetFlags, bioWrite } from "./bio.ts";

const BIO_CTRL_RESET = 1;
const BIO_C_GET_BUF_MEM_PTR = 115;
const BIO_C_SET_BUF_MEM_EOF_RETURN = 130;
/** A reset forgets nothing and clears nothing: it makes what BUF_MEM says hold. */
const BIO_FLAGS_NONCLEAR_RST = 0x400;

/** Of 32 bits each, low before high: struct buf_mem_st { size_t length; char *data; size_t max; .. }. */
const lengthCell = 0;
const dataCell = 2;
const maxCell = 4;
const bufMemBytes = 32;
const highUnit = 2 ** 32;

function bufMemOf(bio: number): Uint32Array {
  const { bytes, address } = fixedBytes(8);
  bioControl(bio, BIO_C_GET_BUF_MEM_PTR, 0, address);
  return new Uint32Array(viewMemory(Number(bytes.readBigUInt64LE(0)), bufMemBytes));
}

function unlike(): Error {
  return new Error("This OpenSSL's memory BIO is not as expected: TLS cannot run on it.");
}

/** What OpenSSL reads. */
export class ReadBio {
  readonly bio: number;
  readonly #cells: Uint32Array;

  constructor() {
    const { bytes, address } = fixedBytes(8);
    this.bio = bioOver(address, 1);
    // When there is nothing, more is to come: it is not the end.
    bioControl(this.bio, BIO_C_SET_BUF_MEM_EOF_RETURN, -1, 0);
    this.#cells = bufMemOf(this.bio);
    bytes.write("ballast");
    this.set(address, 3);
    const read = bioRead(this.bio, address + 4, 4);
    if (read !== 3 || this.length !== 0 || bytes.toString("latin1", 4, 7) !== "bal") throw unlike();
  }

  /** From now on it reads these. They must stand until `length` is 0 or they are replaced. */
  set(address: number, length: number): void {
    const cells = this.#cells;
    cells[lengthCell] = length;
    cells[dataCell] = address % highUnit;
    cells[dataCell + 1] = address / highUnit;
    cells[maxCell] = length;
  }

  /** Bytes that have not been read. */
  get length(): number {
    return this.#cells[lengthCell] as number;
  }
}

/** What OpenSSL writes. */
export class WriteBio {
  readonly bio: number;
  readonly #cells: Uint32Array;
  /** Where it stands, as far as it may be filled without moving. */
  bytes: Uint8Array;
  address: number;

  /** It moves its bytes when more than `room` are written before they are taken. */
  constructor(room: number) {
    this.bio = bioNew(bioMemory());
    bioSetFlags(this.bio, BIO_FLAGS_NONCLEAR_RST);
    const { bytes, address } = fixedBytes(room);
    bioWrite(this.bio, address, room);
    this.#cells = bufMemOf(this.bio);
    this.bytes = bytes;
    this.address = 0;
    this.find();
    this.clear();
    bioWrite(this.bio, address, 3);
    if (this.length !== 3 || this.find()) throw unlike();
    this.clear();
    if (bioRead(this.bio, address, 3) > 0) throw unlike();
  }

  /** Bytes that have been written since clear(). */
  get length(): number {
    return this.#cells[lengthCell] as number;
  }

  /** Looks where its bytes are now. True: they have moved, and `bytes` and `address` are new. */
  find(): boolean {
    const cells = this.#cells;
    const address = (cells[dataCell] as number) + (cells[dataCell + 1] as number) * highUnit;
    const room = cells[maxCell] as number;
    if (address === this.address && room === this.bytes.length) return false;
    this.address = address;
    this.bytes = new Uint8Array(viewMemory(address, room));
    return true;
  }

  /** What has been written is done with. */
  clear(): void {
    this.#cells[lengthCell] = 0;
    bioControl(this.bio, BIO_CTRL_RESET, 0, 0);
  }
}
