import { integerAt, optionalInteger, stringAt } from './arguments.ts'
import { argumentError, libraryError } from './error.ts'
import { meter } from './meter.ts'
import { LuaTable, TableWalk } from './table.ts'
import type { LuaFunction, LuaValue } from './value.ts'

/** MessagePack as lua-cmsgpack 0.4.0 writes it: tables of 1 … n are arrays, below 16 levels there is only nil. */

const NESTING_MAX = 16
/** Arrays and maps inside each other while reading: ours, for the stack; lua-cmsgpack ends with Lua's. */
const READ_NESTING_MAX = 1_000

const view = new DataView(new ArrayBuffer(8))

function bytesOf(size: number): string {
  let text = ''
  for (let i = 0; i < size; i++) text += String.fromCharCode(view.getUint8(i))
  return text
}

function byte(code: number): string {
  return String.fromCharCode(code)
}
function short(code: number, value: number): string {
  view.setUint16(0, value)
  return byte(code) + bytesOf(2)
}
function word(code: number, value: number): string {
  view.setUint32(0, value)
  return byte(code) + bytesOf(4)
}

function packed(value: LuaValue, level: number): string {
  switch (typeof value) {
    case 'string':
      return stringHead(value.length) + value
    case 'boolean':
      return value ? '\xc3' : '\xc2'
    case 'number':
      return packedNumber(value)
    case 'object':
      return value instanceof LuaTable && level < NESTING_MAX ? packedTable(value, level) : '\xc0'
    default:
      return '\xc0'
  }
}

function stringHead(length: number): string {
  meter.charge(length + 5)
  if (length < 32) return byte(0xa0 | length)
  if (length <= 0xff) return byte(0xd9) + byte(length)
  return length <= 0xffff ? short(0xda, length) : word(0xdb, length)
}

function packedNumber(value: number): string {
  if (value % 1 === 0 && value >= -(2 ** 63) && value < 2 ** 63) return packedInteger(value)
  if (Math.fround(value) === value) {
    view.setFloat32(0, value)
    return byte(0xca) + bytesOf(4)
  }
  view.setFloat64(0, value)
  return byte(0xcb) + bytesOf(8)
}

function packedInteger(value: number): string {
  if (value >= 0) {
    if (value <= 127) return byte(value)
    if (value <= 0xff) return byte(0xcc) + byte(value)
    if (value <= 0xffff) return short(0xcd, value)
    if (value <= 0xffffffff) return word(0xce, value)
  } else {
    if (value >= -32) return byte(256 + value)
    if (value >= -128) return byte(0xd0) + byte(256 + value)
    if (value >= -32768) return short(0xd1, value + 65536)
    if (value >= -2147483648) return word(0xd2, value + 4294967296)
  }
  view.setBigInt64(0, BigInt(value))
  return byte(value >= 0 ? 0xcf : 0xd3) + bytesOf(8)
}

function packedTable(table: LuaTable, level: number): string {
  let most = 0
  let count = 0
  let isArray = true
  for (const walk = new TableWalk(table); walk.step(); count++) {
    const { key } = walk
    if (typeof key !== 'number' || key <= 0 || key % 1 !== 0) isArray = false
    else if (key > most) most = key
  }
  meter.spend(count)
  let text: string
  if (isArray && most === count) {
    text = count <= 15 ? byte(0x90 | count) : count <= 0xffff ? short(0xdc, count) : word(0xdd, count)
    for (let i = 1; i <= count; i++) text += packed(table.at(i), level + 1)
  } else {
    text = count <= 15 ? byte(0x80 | count) : count <= 0xffff ? short(0xde, count) : word(0xdf, count)
    for (const walk = new TableWalk(table); walk.step(); ) {
      text += packed(walk.key, level + 1) + packed(walk.value, level + 1)
    }
  }
  meter.charge(text.length)
  return text
}

/** Reading recurses: two frames a level. */
const FRAMES = 2_100

class Reader {
  at: number
  readonly #text: string
  #depth = 0

  constructor(text: string, at: number) {
    this.#text = text
    this.at = at
  }

  #take(size: number): number {
    const start = this.at
    if (this.#text.length - start < size) throw libraryError('Missing bytes in input.', FRAMES)
    this.at = start + size
    return start
  }

  #fill(size: number): void {
    const start = this.#take(size)
    for (let i = 0; i < size; i++) view.setUint8(i, this.#text.charCodeAt(start + i))
  }

  #number(size: number): number {
    this.#fill(size)
    return size === 1 ? view.getUint8(0) : size === 2 ? view.getUint16(0) : view.getUint32(0)
  }

  #string(length: number): string {
    const start = this.#take(length)
    return meter.cut(this.#text, start, start + length)
  }

  value(): LuaValue {
    if (--meter.steps < 0) meter.look()
    const code = this.#text.charCodeAt(this.#take(1))
    if (code <= 0x7f) return code
    if (code <= 0x8f) return this.#map(code & 15)
    if (code <= 0x9f) return this.#array(code & 15)
    if (code <= 0xbf) return this.#string(code & 31)
    if (code >= 0xe0) return code - 256
    switch (code) {
      case 0xc0:
        return undefined
      case 0xc2:
        return false
      case 0xc3:
        return true
      case 0xca:
        this.#fill(4)
        return view.getFloat32(0)
      case 0xcb:
        this.#fill(8)
        return view.getFloat64(0)
      case 0xd9:
      case 0xda:
      case 0xdb:
        return this.#string(this.#number(2 ** (code - 0xd9)))
      case 0xdc:
      case 0xdd:
        return this.#array(this.#number(code === 0xdc ? 2 : 4))
      case 0xde:
      case 0xdf:
        return this.#map(this.#number(code === 0xde ? 2 : 4))
      default:
        return this.#integer(code)
    }
  }

  #integer(code: number): number {
    if (code >= 0xcc && code <= 0xce) return this.#number(2 ** (code - 0xcc))
    if (code < 0xcf || code > 0xd3) throw libraryError('Bad data format in input.', FRAMES)
    this.#fill(code === 0xcf ? 8 : 2 ** (code - 0xd0))
    switch (code) {
      case 0xcf:
        return Number(view.getBigUint64(0))
      case 0xd0:
        return view.getInt8(0)
      case 0xd1:
        return view.getInt16(0)
      case 0xd2:
        return view.getInt32(0)
      default:
        return Number(view.getBigInt64(0))
    }
  }

  #descend(): void {
    this.#depth++
    if (this.#depth > READ_NESTING_MAX) throw libraryError('Bad data format in input.', FRAMES)
  }

  #array(length: number): LuaTable {
    this.#descend()
    const table = new LuaTable()
    for (let i = 1; i <= length; i++) table.put(i, this.value())
    this.#depth--
    return table
  }

  #map(length: number): LuaTable {
    this.#descend()
    const table = new LuaTable()
    for (let i = 0; i < length; i++) {
      const key = this.value()
      const value = this.value()
      // biome-ignore lint/suspicious/noSelfCompare: only NaN differs from itself
      if (key === undefined || key !== key) throw libraryError('Bad data format in input.', FRAMES)
      table.set(key, value)
    }
    this.#depth--
    return table
  }
}

/** @param limit how many values; 0: all, and the place where reading ended is not told */
function unpacked(text: string, limit: number, offset: number): readonly LuaValue[] {
  if (limit < 0 || offset < 0) {
    throw libraryError(`Invalid request to unpack with offset of ${offset} and limit of ${text.length}.`)
  }
  if (offset > text.length) throw libraryError(`Start offset ${offset} greater than input length ${text.length}.`)
  const reader = new Reader(text, offset)
  const values: LuaValue[] = []
  const most = limit === 0 ? 2147483647 : limit
  while (reader.at < text.length && values.length < most) values.push(reader.value())
  if (limit === 0) return values
  return [reader.at >= text.length ? -1 : reader.at, ...values]
}

export const cmsgpackLibrary: Readonly<Record<string, LuaValue>> = {
  _NAME: 'cmsgpack',
  _VERSION: 'lua-cmsgpack 0.4.0',
  _COPYRIGHT: 'Copyright (C) 2012, Redis Ltd.',
  _DESCRIPTION: 'MessagePack C implementation for Lua',
  pack: (...args) => {
    if (args.length === 0) throw argumentError(0, 'MessagePack pack needs input.')
    let text = ''
    for (const value of args) text += packed(value, 0)
    return meter.joined(text)
  },
  unpack: (...args) => unpacked(stringAt(args, 1), 0, 0),
  unpack_one: (...args) => unpacked(stringAt(args, 1), 1, optionalInteger(args, 2, 0)),
  unpack_limit: (...args) => unpacked(stringAt(args, 1), integerAt(args, 2), optionalInteger(args, 3, 0)),
} satisfies Readonly<Record<string, LuaFunction | string>>
