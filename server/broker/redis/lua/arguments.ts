import { argumentError } from './error.ts'
import { toNumber, toText } from './operators.ts'
import { LuaTable } from './table.ts'
import { type LuaValue, typeName } from './value.ts'

/** What library functions demand of their arguments, in Lua's words. Positions count from 1. */

type Values = readonly LuaValue[]

export function typeError(args: Values, position: number, wanted: string): Error {
  const got = position > args.length ? 'no value' : typeName(args[position - 1])
  return argumentError(position, `${wanted} expected, got ${got}`)
}

export function stringAt(args: Values, position: number): string {
  const text = toText(args[position - 1])
  if (text === undefined) throw typeError(args, position, 'string')
  return text
}

export function numberAt(args: Values, position: number): number {
  const number = toNumber(args[position - 1])
  if (number === undefined) throw typeError(args, position, 'number')
  return number
}

/** A number as C makes a ptrdiff_t of it. */
export function integerAt(args: Values, position: number): number {
  return truncated(numberAt(args, position))
}

export function optionalInteger(args: Values, position: number, otherwise: number): number {
  return args[position - 1] === undefined ? otherwise : integerAt(args, position)
}

export function tableAt(args: Values, position: number): LuaTable {
  const value = args[position - 1]
  if (value instanceof LuaTable) return value
  throw typeError(args, position, 'table')
}

export function anyAt(args: Values, position: number): LuaValue {
  if (args.length < position) throw argumentError(position, 'value expected')
  return args[position - 1]
}

/** Toward zero; what is out of the range of 64 bits, or no number, is the least of them, as on x86. */
export function truncated(value: number): number {
  return value >= -(2 ** 63) && value < 2 ** 63 ? Math.trunc(value) : -(2 ** 63)
}

/** A number as C makes an unsigned 64-bit integer of it. */
export function unsigned64(value: number): bigint {
  return value >= 2 ** 63 && value < 2 ** 64 ? BigInt(Math.trunc(value)) : BigInt.asUintN(64, BigInt(truncated(value)))
}
