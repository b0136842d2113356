/**
 * Checks the bytes of a Redis peer before the client library sees them (RESP2).
 *
 * The library allocates what a length promises, recurses into nested arrays, and throws outside of any call when a
 * reply comes that nobody asked for (`null.toString()` in its data handler, seen with ioredis 6.0.0). So a peer that
 * is not a Redis, or a hostile one, is stopped here, by limits far above what we ever ask for.
 *
 *   reply = "+" line CRLF | "-" line CRLF | ":" integer CRLF | "$" length CRLF bytes CRLF | "*" count CRLF reply…
 */
export class ReplyGuard {
  readonly #limits: ReplyLimits
  #expected = 0
  #bytes = 0
  /** Elements still to come of each open array, the outermost first. */
  readonly #open: number[] = []
  /** Type byte of the line being read; 0 = between replies. */
  #type = 0
  #line = ''
  /** Bytes of a bulk string still to come, its CRLF included; 0 = none. */
  #bulk = 0

  constructor(limits: ReplyLimits = REPLY_LIMITS) {
    this.#limits = limits
  }

  /** Says that so many more replies are expected, and begins the byte count anew. */
  expect(replies: number): void {
    this.#expected += replies
    this.#bytes = 0
  }

  /** Reads a chunk; the complaint ends the connection: nothing of the chunk may be used then. */
  check(chunk: Uint8Array): Complaint | null {
    this.#bytes += chunk.length
    if (this.#bytes > this.#limits.batchBytes) return complaint(`more than ${this.#limits.batchBytes} bytes of answer`)
    let at = 0
    while (at < chunk.length) {
      if (this.#bulk > 0) {
        const step = Math.min(this.#bulk, chunk.length - at)
        at += step
        this.#bulk -= step
        if (this.#bulk === 0) this.#ended()
        continue
      }
      if (this.#type === 0) {
        const wrong = this.#begin(chunk[at] ?? 0)
        if (wrong) return wrong
        at += 1
        continue
      }
      const end = chunk.indexOf(LF, at)
      const part = chunk.subarray(at, end === -1 ? chunk.length : end)
      if (this.#line.length + part.length > this.#limits.lineBytes) return complaint('a line without an end')
      this.#line += latin1(part)
      if (end === -1) return null
      at = end + 1
      const wrong = this.#endLine()
      if (wrong) return wrong
    }
    return null
  }

  #begin(byte: number): Complaint | null {
    if (!TYPES.has(byte)) return complaint(`byte 0x${byte.toString(16).padStart(2, '0')} where a reply should begin`)
    this.#type = byte
    return null
  }

  #endLine(): Complaint | null {
    const line = this.#line.endsWith('\r') ? this.#line.slice(0, -1) : null
    const type = this.#type
    this.#line = ''
    this.#type = 0
    if (line === null) return complaint('a line that does not end in CRLF')
    // An error that nobody asked for is how a Redis turns a connection away: too many clients, protected mode.
    if (this.#expected === 0)
      return type === MINUS ? { why: line, refusal: true } : complaint('a reply nobody asked for')
    if (type === PLUS || type === MINUS) this.#ended()
    else {
      if (!/^-?\d{1,19}$/.test(line)) return complaint('a length or number that is none')
      if (type === COLON) this.#ended()
      else return this.#sized(type, Number(line))
    }
    return null
  }

  #sized(type: number, size: number): Complaint | null {
    if (size < -1) return complaint(`length ${size}`)
    if (size === -1 || (type === STAR && size === 0)) {
      this.#ended()
      return null
    }
    if (type === DOLLAR) {
      if (size > this.#limits.bulkBytes) return complaint(`a string of ${size} bytes`)
      this.#bulk = size + 2
      return null
    }
    if (size > this.#limits.elements) return complaint(`an array of ${size} elements`)
    if (this.#open.length >= this.#limits.depth) return complaint(`arrays nested deeper than ${this.#limits.depth}`)
    this.#open.push(size)
    return null
  }

  /** One reply, or one element, is complete: so may be the arrays around it. */
  #ended(): void {
    for (let last = this.#open.length - 1; last >= 0; last -= 1) {
      const left = (this.#open[last] ?? 1) - 1
      this.#open[last] = left
      if (left > 0) return
      this.#open.pop()
    }
    this.#expected -= 1
  }
}

/** Bounds on what one peer may answer. The largest honest answers are CLIENT LIST (≈ 290 bytes a client) and SMEMBERS. */
export interface ReplyLimits {
  readonly lineBytes: number
  readonly bulkBytes: number
  readonly elements: number
  readonly depth: number
  /** In all, since the last `expect`. */
  readonly batchBytes: number
}

export const REPLY_LIMITS: ReplyLimits = {
  lineBytes: 64 * 1024,
  bulkBytes: 16 * 1024 * 1024,
  elements: 100_000,
  depth: 8,
  batchBytes: 64 * 1024 * 1024,
}

export interface Complaint {
  /** What is wrong, or the error line with which the server turned us away. */
  readonly why: string
  readonly refusal: boolean
}

const LF = 10
const PLUS = 43
const MINUS = 45
const COLON = 58
const DOLLAR = 36
const STAR = 42
const TYPES = new Set([PLUS, MINUS, COLON, DOLLAR, STAR])

function complaint(why: string): Complaint {
  return { why, refusal: false }
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
}
