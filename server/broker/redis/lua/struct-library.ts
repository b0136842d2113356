import { numberAt, optionalInteger, stringAt, truncated, unsigned64 } from './arguments.ts'
import { argumentError, libraryError } from './error.ts'
import { meter } from './meter.ts'
import type { LuaFunction, LuaValue } from './value.ts'

/** Roberto Ierusalimschy's struct: C structures in strings. Sizes as on 64-bit x86, little-endian unless told otherwise. */

const INTEGER_BYTES_MAX = 32
const SIZES: Readonly<Record<string, number>> = { b: 1, B: 1, h: 2, H: 2, l: 8, L: 8, T: 8, f: 4, d: 8, x: 1 }

interface Item {
  readonly option: string
  readonly size: number
  /** Bytes to skip before it. */
  readonly padding: number
  readonly isBig: boolean
}

/** Reads a format item by item. */
class Format {
  #at = 0
  #isBig = false
  #align = 1
  readonly #text: string

  constructor(text: string) {
    this.#text = text
  }

  /** The next item that is no setting; null: the end. */
  next(total: number): Item | null {
    while (this.#at < this.#text.length) {
      if (--meter.steps < 0) meter.look()
      const option = this.#text[this.#at++] ?? ''
      const size = this.#sizeOf(option)
      if (size !== null) return { option, size, padding: this.#padding(total, option, size), isBig: this.#isBig }
      this.#set(option)
    }
    return null
  }

  #number(otherwise: number): number {
    const digits = /^\d{1,10}/.exec(this.#text.slice(this.#at, this.#at + 10))
    if (digits === null) return otherwise
    this.#at += digits[0].length
    const value = Number(digits[0])
    if (value > 2147483647) throw libraryError('integral size overflow')
    return value
  }

  #sizeOf(option: string): number | null {
    if (option === 'c') return this.#number(1)
    if (option === 's') return 0
    if (option !== 'i' && option !== 'I') return SIZES[option] ?? null
    const size = this.#number(4)
    if (size > INTEGER_BYTES_MAX) {
      throw libraryError(`integral size ${size} is larger than limit of ${INTEGER_BYTES_MAX}`)
    }
    return size
  }

  #padding(total: number, option: string, size: number): number {
    if (size === 0 || option === 'c') return 0
    const align = Math.min(size, this.#align)
    return (align - (total & (align - 1))) & (align - 1)
  }

  #set(option: string): void {
    if (option === ' ') return
    if (option === '>') this.#isBig = true
    else if (option === '<') this.#isBig = false
    else if (option === '!') {
      const align = this.#number(8)
      if (align === 0 || (align & (align - 1)) !== 0) throw libraryError(`alignment ${align} is not a power of 2`)
      this.#align = align
    } else throw argumentError(1, `invalid format option '${option}'`)
  }
}

function integerBytes(value: number, size: number, isBig: boolean): string {
  let bits = unsigned64(value)
  const bytes: string[] = []
  for (let i = 0; i < size; i++) {
    bytes.push(String.fromCharCode(Number(bits & 0xffn)))
    bits >>= 8n
  }
  return (isBig ? bytes.reverse() : bytes).join('')
}

function integerFrom(text: string, item: Item, isSigned: boolean): number {
  let bits = 0n
  for (let i = 0; i < item.size; i++) {
    const at = item.isBig ? i : item.size - 1 - i
    bits = (bits << 8n) | BigInt(text.charCodeAt(at))
  }
  const wrapped = BigInt.asUintN(64, bits)
  if (!isSigned) return Number(wrapped)
  return Number(BigInt.asIntN(Math.min(64, item.size * 8), wrapped))
}

const view = new DataView(new ArrayBuffer(8))

function floatBytes(value: number, item: Item): string {
  if (item.size === 4) view.setFloat32(0, value, !item.isBig)
  else view.setFloat64(0, value, !item.isBig)
  let text = ''
  for (let i = 0; i < item.size; i++) text += String.fromCharCode(view.getUint8(i))
  return text
}

function floatFrom(text: string, item: Item): number {
  for (let i = 0; i < item.size; i++) view.setUint8(i, text.charCodeAt(i))
  return item.size === 4 ? view.getFloat32(0, !item.isBig) : view.getFloat64(0, !item.isBig)
}

const pack: LuaFunction = (...given) => {
  // The library puts a nil behind its arguments.
  const args = given.length === 0 ? given : [...given, undefined]
  const format = new Format(stringAt(args, 1))
  let text = ''
  let position = 1
  for (let item = format.next(0); item !== null; item = format.next(text.length)) {
    text += '\0'.repeat(item.padding)
    const { option, size } = item
    if (option === 'x') text += '\0'
    else if (option === 'f' || option === 'd') text += floatBytes(numberAt(args, ++position), item)
    else if (option === 'c' || option === 's') {
      const value = stringAt(args, ++position)
      const wanted = size === 0 ? value.length : size
      if (value.length < wanted) throw argumentError(position + 1, 'string too short')
      text += value.slice(0, wanted)
      if (option === 's') text += '\0'
    } else text += integerBytes(numberAt(args, ++position), size, item.isBig)
    meter.charge(size + 8)
  }
  meter.charge(text.length)
  return meter.joined(text)
}

const unpack: LuaFunction = (...args) => {
  const format = new Format(stringAt(args, 1))
  const data = stringAt(args, 2)
  let at = optionalInteger(args, 3, 1) - 1
  if (at < 0) throw argumentError(3, 'offset must be 1 or greater')
  const values: LuaValue[] = []
  for (let item = format.next(at); item !== null; item = format.next(at)) {
    at += item.padding
    let { size } = item
    if (at > data.length || size > data.length - at) throw argumentError(2, 'data string too short')
    const { option } = item
    const bytes = data.slice(at, at + size)
    if (option === 'f' || option === 'd') values.push(floatFrom(bytes, item))
    else if (option === 'c') {
      if (size === 0) {
        const last = values.pop()
        if (typeof last !== 'number') throw libraryError("format 'c0' needs a previous size")
        size = truncated(last)
        if (size < 0 || size > data.length - at) throw argumentError(2, 'data string too short')
      }
      values.push(meter.cut(data, at, at + size))
    } else if (option === 's') {
      const end = data.indexOf('\0', at)
      if (end < 0) throw libraryError('unfinished string in data')
      values.push(meter.cut(data, at, end))
      size = end - at + 1
    } else if (option !== 'x') values.push(integerFrom(bytes, item, option >= 'a'))
    at += size
  }
  values.push(at + 1)
  return values
}

const size: LuaFunction = (...args) => {
  const format = new Format(stringAt(args, 1))
  let total = 0
  for (let item = format.next(0); item !== null; item = format.next(total)) {
    total += item.padding
    if (item.option === 's') throw argumentError(1, "option 's' has no fixed size")
    if (item.option === 'c' && item.size === 0) throw argumentError(1, "option 'c0' has no fixed size")
    total += item.size
  }
  return total
}

export const structLibrary: Readonly<Record<string, LuaFunction>> = { pack, unpack, size }
