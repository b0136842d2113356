/**
 * Requests of the Redis protocol, RESP2 and RESP3 alike (https://redis.io/docs/latest/develop/reference/protocol-spec/):
 *
 *   request = "*" count CRLF count*( "$" length CRLF bytes CRLF )  |  words separated by blanks, LF
 *
 * The second form is for people at a raw connection. Strings are latin1: one character per byte.
 */

export interface RespLimits {
  /** Of one argument; Redis' proto-max-bulk-len. */
  readonly bulkBytesMax: number
  /** Arguments of one request. */
  readonly partsMax: number
  /** All arguments of one request together. */
  readonly requestBytesMax: number
}

export const RESP_LIMITS: RespLimits = {
  bulkBytesMax: 512 * 1024 * 1024,
  partsMax: 1_048_576,
  requestBytesMax: 512 * 1024 * 1024,
}

/** Those of a client that has not said who it is, as in Redis. */
export const RESP_LIMITS_UNAUTHENTICATED: RespLimits = {
  bulkBytesMax: 16_384,
  partsMax: 10,
  requestBytesMax: 10 * 16_384,
}

/** The stream is not the protocol: nothing after this can be read. The message is Redis' own. */
export class RespError extends Error {}

const LINE_BYTES_MAX = 65_536
const CR = 13
const LF = 10
const STAR = 42
const DOLLAR = 36
const MINUS = 45
/** Shorter strings are cut from a text of the whole chunk; longer slices would keep that text alive as long as themselves. */
const SLICE_LENGTH_MAX = 12
/** What is set aside at once for an argument that is still under way; it grows with what has really come. */
const BODY_BYTES_FIRST = 65_536
/** What `toString('latin1')` calls in the end, without the look at the name; not in the types. */
interface Latin1Buffer extends Buffer {
  latin1Slice(start: number, end: number): string
}
const EMPTY = Buffer.alloc(0) as Latin1Buffer

/**
 * Reads requests out of a stream of chunks: `feed` one, then `next` until it gives undefined. Keeps its place across chunks, so that a
 * request that comes byte by byte costs no more than one that comes at once.
 */
export class RespParser {
  limits: RespLimits
  #chunk: Latin1Buffer = EMPTY
  #text: string | null = null
  #at = 0
  /** Arguments still to come of the request under way; −1: between requests. */
  #missing = -1
  #parts: string[] = []
  #partBytes = 0
  /** Length of the argument under way; −1: its header has not been read. */
  #length = -1
  #body: Latin1Buffer | null = null
  #bodyBytes = 0

  constructor(limits: RespLimits = RESP_LIMITS) {
    this.limits = limits
  }

  /** Bytes that have come and are not part of a request handed out. */
  get pendingBytes(): number {
    return this.#chunk.length - this.#at + this.#partBytes + this.#bodyBytes
  }

  /** The chunk belongs to the parser until `next` gives undefined. */
  feed(chunk: Buffer): void {
    if (this.#at >= this.#chunk.length) this.#chunk = chunk as Latin1Buffer
    else {
      const left = this.#chunk.length - this.#at
      const joined = Buffer.allocUnsafe(left + chunk.length) as Latin1Buffer
      joined.set(this.#chunk.subarray(this.#at))
      joined.set(chunk, left)
      this.#chunk = joined
    }
    this.#text = null
    this.#at = 0
  }

  /** The next whole request (never empty), or undefined: more bytes are needed. Throws RespError. */
  next(): string[] | undefined {
    for (;;) {
      if (this.#missing < 0) {
        if (this.#at >= this.#chunk.length) return undefined
        if (this.#chunk[this.#at] !== STAR) {
          const words = this.#inline()
          if (words === undefined) return undefined
          if (words.length > 0) return words
          continue
        }
        if (!this.#startRequest()) return undefined
        if (this.#missing <= 0) {
          this.#missing = -1
          continue
        }
      }
      while (this.#missing > 0) {
        if (this.#length < 0 && !this.#startPart()) return undefined
        if (!this.#readPart()) return undefined
      }
      const parts = this.#parts
      this.#parts = []
      this.#partBytes = 0
      this.#missing = -1
      return parts
    }
  }

  #startRequest(): boolean {
    const end = this.#lineEnd('too big mbulk count string')
    if (end < 0) return false
    const count = this.#integer(this.#at + 1, end)
    if (count === null || count > Math.max(this.limits.partsMax, RESP_LIMITS_UNAUTHENTICATED.partsMax)) {
      throw new RespError(
        count === null || count > RESP_LIMITS.partsMax
          ? 'invalid multibulk length'
          : 'unauthenticated multibulk length',
      )
    }
    this.#at = end + 2
    this.#missing = count
    return true
  }

  #startPart(): boolean {
    const end = this.#lineEnd('too big bulk count string')
    if (end < 0) return false
    const first = this.#chunk[this.#at] as number
    if (first !== DOLLAR) throw new RespError(`expected '$', got '${String.fromCharCode(first)}'`)
    const length = this.#integer(this.#at + 1, end)
    if (length === null || length < 0) throw new RespError('invalid bulk length')
    if (length > this.limits.bulkBytesMax) {
      const isStrange =
        this.limits.bulkBytesMax === RESP_LIMITS_UNAUTHENTICATED.bulkBytesMax && length <= RESP_LIMITS.bulkBytesMax
      throw new RespError(isStrange ? 'unauthenticated bulk length' : 'invalid bulk length')
    }
    if (this.#partBytes + length > this.limits.requestBytesMax) throw new RespError('too big request')
    this.#at = end + 2
    this.#length = length
    return true
  }

  /** The body and its CRLF, which is not looked at, as in Redis. */
  #readPart(): boolean {
    const length = this.#length
    if (this.#body === null && this.#at + length + 2 <= this.#chunk.length) {
      this.#takePart(this.#cut(this.#at, this.#at + length))
      this.#at += length + 2
      return true
    }
    return this.#readBody(length)
  }

  #readBody(length: number): boolean {
    const whole = length + 2
    const have = Math.min(whole - this.#bodyBytes, this.#chunk.length - this.#at)
    let body = this.#body
    if (body === null || body.length < this.#bodyBytes + have) {
      const wanted = Math.max(this.#bodyBytes + have, 2 * this.#bodyBytes, BODY_BYTES_FIRST)
      const larger = Buffer.allocUnsafe(Math.min(whole, wanted)) as Latin1Buffer
      if (body !== null) larger.set(body.subarray(0, this.#bodyBytes))
      body = larger
      this.#body = body
    }
    body.set(this.#chunk.subarray(this.#at, this.#at + have), this.#bodyBytes)
    this.#at += have
    this.#bodyBytes += have
    if (this.#bodyBytes < whole) return false
    this.#takePart(body.latin1Slice(0, length))
    this.#body = null
    this.#bodyBytes = 0
    return true
  }

  #takePart(part: string): void {
    this.#parts.push(part)
    this.#partBytes += this.#length
    this.#length = -1
    this.#missing--
  }

  #cut(start: number, end: number): string {
    if (end - start > SLICE_LENGTH_MAX) return this.#chunk.latin1Slice(start, end)
    this.#text ??= this.#chunk.latin1Slice(0, this.#chunk.length)
    return this.#text.slice(start, end)
  }

  /** Where the CR of the line stands that begins here; −1: not here yet. The LF must have come too. */
  #lineEnd(tooLong: string): number {
    const chunk = this.#chunk
    let end = this.#at
    while (end < chunk.length && chunk[end] !== CR) end++
    if (end - this.#at > LINE_BYTES_MAX) throw new RespError(tooLong)
    return end + 1 < chunk.length ? end : -1
  }

  /** Decimal digits with an optional minus; null: anything else, or beyond what a length can be. */
  #integer(start: number, end: number): number | null {
    const chunk = this.#chunk
    const isNegative = chunk[start] === MINUS
    const from = isNegative ? start + 1 : start
    if (from >= end || end - from > 10 || (chunk[from] === 48 && (end - from > 1 || isNegative))) return null
    let value = 0
    for (let at = from; at < end; at++) {
      const digit = (chunk[at] as number) - 48
      if (digit < 0 || digit > 9) return null
      value = value * 10 + digit
    }
    return isNegative ? -value : value
  }

  #inline(): string[] | undefined {
    const chunk = this.#chunk
    let end = this.#at
    while (end < chunk.length && chunk[end] !== LF) end++
    if (end - this.#at > LINE_BYTES_MAX) throw new RespError('too big inline request')
    if (end === chunk.length) return undefined
    const stop = end > this.#at && chunk[end - 1] === CR ? end - 1 : end
    const words = splitWords(chunk.latin1Slice(this.#at, stop))
    if (words === null) throw new RespError('unbalanced quotes in request')
    this.#at = end + 1
    return words
  }
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', a: '\x07' }

/** Words with quotes as redis-cli takes them; null: a quote is open, or a letter follows a closing one. */
function splitWords(line: string): string[] | null {
  const words: string[] = []
  let at = 0
  for (;;) {
    while (at < line.length && isBlank(line, at)) at++
    if (at >= line.length || line[at] === '\0') return words
    let word = ''
    while (at < line.length && !isBlank(line, at) && line[at] !== '\0') {
      const quote = line[at]
      if (quote !== '"' && quote !== "'") word += line[at++]
      else {
        const quoted = readQuoted(line, at + 1, quote)
        if (quoted === null) return null
        word += quoted.text
        at = quoted.end
        if (at < line.length && !isBlank(line, at)) return null
      }
    }
    words.push(word)
  }
}

function readQuoted(line: string, start: number, quote: string): { text: string; end: number } | null {
  let text = ''
  let at = start
  while (at < line.length) {
    const char = line[at] as string
    if (char === quote) return { text, end: at + 1 }
    const hex = quote === '"' ? /^\\x([0-9a-fA-F]{2})/.exec(line.slice(at, at + 4)) : null
    if (hex !== null) {
      text += String.fromCharCode(Number.parseInt(hex[1] as string, 16))
      at += 4
    } else if (char === '\\' && at + 1 < line.length && (quote === '"' || line[at + 1] === "'")) {
      const escaped = line[at + 1] as string
      text += quote === '"' ? (ESCAPES[escaped] ?? escaped) : escaped
      at += 2
    } else {
      text += char
      at++
    }
  }
  return null
}

function isBlank(line: string, at: number): boolean {
  const code = line.charCodeAt(at)
  return code === 32 || (code >= 9 && code <= 13)
}
