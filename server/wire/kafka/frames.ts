import { WireError } from './wire-error.ts'

/** Puts the chunks of a stream together into frames (int32 size, then that many bytes). Memory grows with what arrives, not with what is announced. */
export class Frames {
  readonly #frameBytesMax: number
  #chunks: Uint8Array[] = []
  #buffered = 0
  #wanted: number | null = null

  constructor(frameBytesMax: number) {
    this.#frameBytesMax = frameBytesMax
  }

  /** Frames that this chunk completes, without their size. Throws WireError when a size is negative or beyond the limit. */
  push(chunk: Uint8Array): Uint8Array[] {
    this.#chunks.push(chunk)
    this.#buffered += chunk.byteLength
    const out: Uint8Array[] = []
    for (;;) {
      if (this.#wanted === null) {
        if (this.#buffered < 4) return out
        this.#wanted = this.#size()
      }
      if (this.#buffered < 4 + this.#wanted) return out
      const all = this.#joined()
      out.push(all.subarray(4, 4 + this.#wanted))
      const rest = all.subarray(4 + this.#wanted)
      this.#chunks = rest.byteLength > 0 ? [rest] : []
      this.#buffered = rest.byteLength
      this.#wanted = null
    }
  }

  #size(): number {
    const head = this.#joined()
    const size = new DataView(head.buffer, head.byteOffset, 4).getInt32(0)
    if (size < 4) throw new WireError(`frame of ${size} bytes: this is not Kafka`)
    if (size > this.#frameBytesMax)
      throw new WireError(`frame of ${size} bytes, at most ${this.#frameBytesMax} are read`)
    return size
  }

  #joined(): Uint8Array {
    const [first] = this.#chunks
    if (this.#chunks.length === 1 && first) return first
    const all = new Uint8Array(this.#buffered)
    let at = 0
    for (const chunk of this.#chunks) {
      all.set(chunk, at)
      at += chunk.byteLength
    }
    this.#chunks = [all]
    return all
  }
}
