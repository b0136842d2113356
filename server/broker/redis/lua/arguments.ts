import { argumentError } from './error.ts'
import { numberText, parseNumber } from './number.ts'
import { LuaTable } from './table.ts'
import { type LuaValue, typeName } from './value.ts'

/** What library functions demand of their arguments, in Lua's words. Positions count from 1. */

type Values = readonly LuaValue[]

function wrongType(args: Values, position: number, wanted: string): Error {
  const got = position > args.length ? 'no value' : typeName(args[position - 1])
  return argumentError(position, `${wanted} expected, got ${got}`)
}

export function stringAt(args: Values, position: number): string {
  const value = args[position - 1]
  if (typeof value === 'string') return value
  if (typeof value === 'number') return numberText(value)
  throw wrongType(args, position, 'string')
}

export function numberAt(args: Values, position: number): number {
  const value = args[position - 1]
  if (typeof value === 'number') return value
  const number = typeof value === 'string' ? parseNumber(value) : undefined
  if (number === undefined) throw wrongType(args, position, 'number')
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
  throw wrongType(args, position, 'table')
}

export function anyAt(args: Values, position: number): LuaValue {
  if (args.length < position) throw argumentError(position, 'value expected')
  return args[position - 1]
}

export function typeError(args: Values, position: number, wanted: string): Error {
  return wrongType(args, position, wanted)
}

/** Toward zero; what is out of the range of 64 bits, or no number, is the least of them, as on x86. */
export function truncated(value: number): number {
  return value >= -(2 ** 63) && value < 2 ** 63 ? Math.trunc(value) : -(2 ** 63)
}
