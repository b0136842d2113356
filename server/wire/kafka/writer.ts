import { WireError } from './wire-error.ts'

const TWO_32 = 4294967296
/** No request of ours comes near this; a caller's loop that does is stopped before the machine is. */
const BYTES_MAX = 64 * 1024 * 1024

const utf8 = new TextEncoder()

/** Writes Kafka's primitive types into one growing buffer. */
export class Writer {
  #bytes = new Uint8Array(256)
  #view = new DataView(this.#bytes.buffer)
  #length = 0

  /** What was written so far: a view, valid until the next write. */
  get written(): Uint8Array {
    return this.#bytes.subarray(0, this.#length)
  }

  int8(value: number): void {
    const at = this.#room(1)
    this.#view.setInt8(at, value)
  }

  uint8(value: number): void {
    const at = this.#room(1)
    this.#view.setUint8(at, value)
  }

  int16(value: number): void {
    const at = this.#room(2)
    this.#view.setInt16(at, value)
  }

  int32(value: number): void {
    const at = this.#room(4)
    this.#view.setInt32(at, value)
  }

  uint32(value: number): void {
    const at = this.#room(4)
    this.#view.setUint32(at, value)
  }

  int64(value: number): void {
    if (!Number.isSafeInteger(value)) throw new WireError(`not an exact integer: ${value}`)
    const at = this.#room(8)
    this.#view.setInt32(at, Math.floor(value / TWO_32))
    this.#view.setUint32(at + 4, value - Math.floor(value / TWO_32) * TWO_32)
  }

  uvarint(value: number): void {
    if (!Number.isInteger(value) || value < 0 || value > 0xffffffff)
      throw new WireError(`not a 32-bit varint: ${value}`)
    let rest = value
    while (rest >= 0x80) {
      this.uint8((rest % 0x80) + 0x80)
      rest = Math.floor(rest / 0x80)
    }
    this.uint8(rest)
  }

  /** Zig-zag varint of 32 bits. */
  varint(value: number): void {
    this.uvarint(value < 0 ? -value * 2 - 1 : value * 2)
  }

  bytes(value: Uint8Array): void {
    const at = this.#room(value.byteLength)
    this.#bytes.set(value, at)
  }

  /** The UTF-8 bytes of a text, for whoever writes the length first. */
  static utf8(text: string): Uint8Array {
    return utf8.encode(text)
  }

  /** Grows the buffer, so take the place before the view: the view is another one afterwards. */
  #room(length: number): number {
    const at = this.#length
    const need = at + length
    if (need > this.#bytes.byteLength) this.#grow(need)
    this.#length = need
    return at
  }

  #grow(need: number): void {
    if (need > BYTES_MAX) throw new WireError(`message beyond ${BYTES_MAX} bytes`)
    const larger = new Uint8Array(Math.max(need, this.#bytes.byteLength * 2))
    larger.set(this.#bytes.subarray(0, this.#length))
    this.#bytes = larger
    this.#view = new DataView(larger.buffer)
  }
}
