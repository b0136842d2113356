/** Writes numbers and texts one after the other; grows as needed and is used again. */
export class ByteWriter {
  buffer: Buffer
  length = 0

  constructor(bytes: number) {
    this.buffer = Buffer.allocUnsafe(bytes)
  }

  /** What was written. Valid until the next write. */
  get written(): Buffer {
    return this.buffer.subarray(0, this.length)
  }

  byte(value: number): void {
    this.#need(1)
    this.buffer[this.length++] = value
  }
  /** 0 … 2^32 − 1 */
  uint(value: number): void {
    this.#need(4)
    this.length = this.buffer.writeUInt32LE(value, this.length)
  }
  double(value: number): void {
    this.#need(8)
    this.length = this.buffer.writeDoubleLE(value, this.length)
  }
  /** 0 … 2^64 − 1 */
  long(value: number | bigint): void {
    this.#need(8)
    this.length = this.buffer.writeBigUInt64LE(BigInt(value), this.length)
  }
  /** One byte per character. */
  text(text: string): void {
    const { length } = text
    this.#need(4 + length)
    this.buffer.writeUInt32LE(length, this.length)
    if (length > 0) this.buffer.write(text, this.length + 4, 'latin1')
    this.length += 4 + length
  }

  #need(bytes: number): void {
    const needed = this.length + bytes
    if (needed <= this.buffer.length) return
    const larger = Buffer.allocUnsafe(Math.max(needed, this.buffer.length * 2))
    this.buffer.copy(larger, 0, 0, this.length)
    this.buffer = larger
  }
}

/** Reads what a ByteWriter wrote. Every read throws RangeError when the bytes end before it does. */
export class ByteReader {
  readonly #buffer: Buffer
  #at = 0

  constructor(buffer: Buffer) {
    this.#buffer = buffer
  }

  get isAtEnd(): boolean {
    return this.#at === this.#buffer.length
  }
  /** Bytes that are left. */
  get left(): number {
    return this.#buffer.length - this.#at
  }

  byte(): number {
    const value = this.#buffer.readUInt8(this.#at)
    this.#at++
    return value
  }
  uint(): number {
    const value = this.#buffer.readUInt32LE(this.#at)
    this.#at += 4
    return value
  }
  double(): number {
    const value = this.#buffer.readDoubleLE(this.#at)
    this.#at += 8
    return value
  }
  long(): number | bigint {
    const value = this.#buffer.readBigUInt64LE(this.#at)
    this.#at += 8
    return value <= 9007199254740991n ? Number(value) : value
  }
  text(): string {
    const length = this.uint()
    const end = this.#at + length
    if (end > this.#buffer.length) throw new RangeError(`a text of ${length} bytes`)
    const text = this.#buffer.toString('latin1', this.#at, end)
    this.#at = end
    return text
  }
  /** How many things follow, each of at least so many bytes: a count that cannot be true is refused before anything is made for it. */
  count(bytesEach: number): number {
    const count = this.uint()
    if (count * bytesEach > this.left) throw new RangeError(`${count} things`)
    return count
  }
}
