import { WireError } from './wire-error.ts'

/** Varints of 32 bits take at most five bytes; one more is an attack or another protocol. */
const VARINT_BYTES_MAX = 5
const VARLONG_BYTES_MAX = 10
/** Below this, building an ASCII string by hand is faster than a TextDecoder. */
const SHORT_TEXT = 48
const TWO_32 = 4294967296

const utf8 = new TextDecoder()

/** Reads Kafka's primitive types in order. Every length is compared with the bytes left before anything is allocated. */
export class Reader {
  readonly #bytes: Uint8Array
  readonly #view: DataView
  #offset: number
  #end: number

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#offset = 0
    this.#end = bytes.byteLength
  }

  get left(): number {
    return this.#end - this.#offset
  }

  get offset(): number {
    return this.#offset
  }

  int8(): number {
    return this.#view.getInt8(this.#take(1))
  }

  uint8(): number {
    return this.#view.getUint8(this.#take(1))
  }

  int16(): number {
    return this.#view.getInt16(this.#take(2))
  }

  int32(): number {
    return this.#view.getInt32(this.#take(4))
  }

  uint32(): number {
    return this.#view.getUint32(this.#take(4))
  }

  /** A 64-bit integer as a number; null when a number cannot hold it exactly (beyond ± 2^53 − 1). */
  int64OrNull(): number | null {
    const at = this.#take(8)
    const value = this.#view.getInt32(at) * TWO_32 + this.#view.getUint32(at + 4)
    return Number.isSafeInteger(value) ? value : null
  }

  int64(): number {
    const value = this.int64OrNull()
    if (value === null) throw new WireError('64-bit integer beyond 2^53 − 1')
    return value
  }

  uvarint(): number {
    let value = 0
    let factor = 1
    for (let i = 0; i < VARINT_BYTES_MAX; i += 1) {
      const byte = this.uint8()
      value += (byte & 0x7f) * factor
      if (byte < 0x80) {
        if (value > 0xffffffff) throw new WireError('varint beyond 32 bits')
        return value
      }
      factor *= 128
    }
    throw new WireError('varint longer than 5 bytes')
  }

  /** Zig-zag varint of 32 bits. */
  varint(): number {
    const raw = this.uvarint()
    return raw % 2 === 0 ? raw / 2 : -(raw + 1) / 2
  }

  /** Zig-zag varint of 64 bits. */
  varlong(): number {
    let value = 0n
    for (let i = 0; i < VARLONG_BYTES_MAX; i += 1) {
      const byte = this.uint8()
      value |= BigInt(byte & 0x7f) << BigInt(7 * i)
      if (byte < 0x80) {
        const signed = Number(BigInt.asIntN(64, (value >> 1n) ^ -(value & 1n)))
        if (!Number.isSafeInteger(signed)) throw new WireError('64-bit integer beyond 2^53 − 1')
        return signed
      }
    }
    throw new WireError('varint longer than 10 bytes')
  }

  text(length: number): string {
    const start = this.#take(length)
    if (length <= SHORT_TEXT) {
      let out = ''
      let i = start
      for (; i < start + length; i += 1) {
        const byte = this.#view.getUint8(i)
        if (byte >= 0x80) break
        out += String.fromCharCode(byte)
      }
      if (i === start + length) return out
    }
    return utf8.decode(this.#bytes.subarray(start, start + length))
  }

  /** A view of the next bytes, not a copy. */
  bytes(length: number): Uint8Array {
    const start = this.#take(length)
    return this.#bytes.subarray(start, start + length)
  }

  skip(length: number): void {
    this.#take(length)
  }

  /** Runs `read` on exactly the next `length` bytes; what it leaves unread is skipped. */
  slice<T>(length: number, read: () => T): T {
    const start = this.#take(length)
    const outerEnd = this.#end
    this.#offset = start
    this.#end = start + length
    try {
      return read()
    } finally {
      this.#offset = start + length
      this.#end = outerEnd
    }
  }

  #take(length: number): number {
    if (length < 0) throw new WireError(`negative length ${length}`)
    if (length > this.#end - this.#offset) {
      throw new WireError(`truncated: ${length} bytes wanted, ${this.#end - this.#offset} left`)
    }
    const at = this.#offset
    this.#offset += length
    return at
  }
}
