import { integerAt, stringAt } from './arguments.ts'
import { decodeJson, NULL } from './cjson-decode.ts'
import { encodeJson, type JsonSettings } from './cjson-encode.ts'
import { argumentError } from './error.ts'
import type { LuaFunction, LuaValue } from './value.ts'

/** cjson of one engine: its settings stay from script to script, as in Redis. */
export function cjsonLibrary(): Readonly<Record<string, LuaValue>> {
  const settings: JsonSettings = {
    sparseConvert: false,
    sparseRatio: 2,
    sparseSafe: 10,
    encodeDepth: 1000,
    decodeDepth: 1000,
    precision: 14,
    invalidEncoded: 'error',
    decodesInvalid: true,
    keepsBuffer: true,
  }
  const number =
    (name: 'encodeDepth' | 'decodeDepth' | 'precision', most: number): LuaFunction =>
    (...args) => {
      counted(args, 1)
      if (args[0] !== undefined) settings[name] = ranged(args, 1, 1, most)
      return settings[name]
    }
  return {
    _NAME: 'cjson',
    _VERSION: '2.1.0',
    null: NULL,
    encode: (...args) => {
      if (args.length !== 1) throw argumentError(1, 'expected 1 argument')
      return encodeJson(args[0], settings)
    },
    decode: (...args) => {
      if (args.length !== 1) throw argumentError(1, 'expected 1 argument')
      return decodeJson(stringAt(args, 1), settings)
    },
    encode_max_depth: number('encodeDepth', 2147483647),
    decode_max_depth: number('decodeDepth', 2147483647),
    encode_number_precision: number('precision', 14),
    encode_sparse_array: (...args) => {
      counted(args, 3)
      if (args[0] !== undefined) settings.sparseConvert = switched(args, 1, ['off', 'on']) === 'on'
      if (args[1] !== undefined) settings.sparseRatio = ranged(args, 2, 0, 2147483647)
      if (args[2] !== undefined) settings.sparseSafe = ranged(args, 3, 0, 2147483647)
      return [settings.sparseConvert, settings.sparseRatio, settings.sparseSafe]
    },
    encode_keep_buffer: (...args) => {
      counted(args, 1)
      if (args[0] !== undefined) settings.keepsBuffer = switched(args, 1, ['off', 'on']) === 'on'
      return settings.keepsBuffer
    },
    encode_invalid_numbers: (...args) => {
      counted(args, 1)
      if (args[0] !== undefined) {
        const choice = switched(args, 1, ['off', 'on', 'null'])
        settings.invalidEncoded = choice === 'off' ? 'error' : choice === 'on' ? 'as they are' : 'null'
      }
      return settings.invalidEncoded === 'null' ? 'null' : settings.invalidEncoded === 'as they are'
    },
    decode_invalid_numbers: (...args) => {
      counted(args, 1)
      if (args[0] !== undefined) settings.decodesInvalid = switched(args, 1, ['off', 'on']) === 'on'
      return settings.decodesInvalid
    },
  }
}

function counted(args: readonly LuaValue[], most: number): void {
  if (args.length > most) throw argumentError(most + 1, 'found too many arguments')
}

function ranged(args: readonly LuaValue[], position: number, least: number, most: number): number {
  const value = integerAt(args, position)
  if (value < least || value > most) throw argumentError(position, `expected integer between ${least} and ${most}`)
  return value
}

function switched(args: readonly LuaValue[], position: number, words: readonly string[]): string {
  const value = args[position - 1]
  if (typeof value === 'boolean') return value ? 'on' : 'off'
  const word = stringAt(args, position)
  if (!words.includes(word)) throw argumentError(position, `invalid option '${word}'`)
  return word
}
