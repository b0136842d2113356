import { libraryError } from './error.ts'
import { meter } from './meter.ts'
import { generalText, numberText } from './number.ts'
import { LuaTable, TableWalk } from './table.ts'
import { type LuaValue, typeName, Userdata } from './value.ts'

/** What `cjson.encode_…` and `cjson.decode_…` set. */
export interface JsonSettings {
  sparseConvert: boolean
  sparseRatio: number
  sparseSafe: number
  encodeDepth: number
  decodeDepth: number
  precision: number
  /** What infinite numbers become: an error, themselves, null. */
  invalidEncoded: 'error' | 'as they are' | 'null'
  decodesInvalid: boolean
  keepsBuffer: boolean
}

/** lua-cjson's encoder: `/` escaped, `{}` for every empty table, numbers by `%.14g`. */
export function encodeJson(value: LuaValue, settings: JsonSettings): string {
  return meter.joined(encoded(value, settings, 0))
}

function encoded(value: LuaValue, settings: JsonSettings, depth: number): string {
  switch (typeof value) {
    case 'string':
      return quotedJson(value)
    case 'number':
      return numberJson(value, settings)
    case 'boolean':
      return value ? 'true' : 'false'
    case 'undefined':
      return 'null'
    default:
      if (value instanceof LuaTable) return tableJson(value, settings, depth + 1)
      if (value instanceof Userdata) return 'null'
      throw refused(`Cannot serialise ${typeName(value)}: type not supported`)
  }
}

/** The encoder recurses: two frames a level. */
function refused(message: string): Error {
  return libraryError(message, FRAMES)
}
const FRAMES = 2_100

function numberJson(value: number, settings: JsonSettings): string {
  if (value - value !== 0) {
    if (settings.invalidEncoded === 'error') throw refused('Cannot serialise number: must not be NaN or Inf')
    if (settings.invalidEncoded === 'null') return 'null'
    return Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf'
  }
  return settings.precision === 14 ? numberText(value) : generalText(value, settings.precision)
}

function tableJson(table: LuaTable, settings: JsonSettings, depth: number): string {
  if (depth > settings.encodeDepth) throw refused(`Cannot serialise, excessive nesting (${depth})`)
  if (--meter.steps < 0) meter.look()
  const length = arrayLength(table, settings)
  let text = length > 0 ? '[' : '{'
  if (length > 0) {
    for (let i = 1; i <= length; i++) {
      const piece = encoded(table.at(i), settings, depth)
      meter.charge(piece.length + 1)
      if (--meter.steps < 0) meter.look()
      text += i === 1 ? piece : `,${piece}`
    }
    return `${text}]`
  }
  const walk = new TableWalk(table)
  let isFirst = true
  while (walk.step()) {
    if (--meter.steps < 0) meter.look()
    let key: string
    if (typeof walk.key === 'string') key = quotedJson(walk.key)
    else if (typeof walk.key === 'number') key = `"${numberJson(walk.key, settings)}"`
    else throw refused(`Cannot serialise ${typeName(walk.key)}: table key must be a number or string`)
    const piece = `${key}:${encoded(walk.value, settings, depth)}`
    meter.charge(piece.length + 1)
    text += isFirst ? piece : `,${piece}`
    isFirst = false
  }
  return `${text}}`
}

/** The greatest index when all keys are indexes; −1: it is an object. */
function arrayLength(table: LuaTable, settings: JsonSettings): number {
  let most = 0
  let items = 0
  const walk = new TableWalk(table)
  while (walk.step()) {
    const { key } = walk
    if (typeof key !== 'number' || key < 1 || key % 1 !== 0) return -1
    if (key > most) most = key
    items++
  }
  if (settings.sparseRatio > 0 && most > items * settings.sparseRatio && most > settings.sparseSafe) {
    if (!settings.sparseConvert) throw refused('Cannot serialise table: excessively sparse array')
    return -1
  }
  return most
}

const ESCAPED: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '/': '\\/',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
}
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is escaped
const TO_ESCAPE = /["\\/\x00-\x1f\x7f]/
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is escaped
const TO_ESCAPE_ALL = /["\\/\x00-\x1f\x7f]/g

function quotedJson(text: string): string {
  meter.charge(text.length + 2)
  if (!TO_ESCAPE.test(text)) return `"${text}"`
  const escaped = text.replace(
    TO_ESCAPE_ALL,
    (char) => ESCAPED[char] ?? `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
  meter.charge(escaped.length)
  return `"${escaped}"`
}
