import { numberAt, optionalInteger } from './arguments.ts'
import type { LuaFunction, LuaValue } from './value.ts'

/** The BitOp library: 32 bits, results signed. */

/** A number as 32 bits: rounded to the nearest integer, a half to the even one, and wrapped around. */
function bits(args: readonly LuaValue[], position: number): number {
  const value = numberAt(args, position)
  if (value % 1 === 0) return (value % 4294967296) | 0
  const floor = Math.floor(value)
  const rest = value - floor
  const rounded = rest > 0.5 || (rest === 0.5 && floor % 2 !== 0) ? floor + 1 : floor
  return (rounded % 4294967296) | 0
}

function fold(operate: (a: number, b: number) => number): LuaFunction {
  return (...args) => {
    let value = bits(args, 1)
    for (let i = 2; i <= args.length; i++) value = operate(value, bits(args, i))
    return value
  }
}

function shift(operate: (value: number, by: number) => number): LuaFunction {
  return (...args) => operate(bits(args, 1), bits(args, 2) & 31) | 0
}

export const bitLibrary: Readonly<Record<string, LuaFunction>> = {
  tobit: (...args) => bits(args, 1),
  bnot: (...args) => ~bits(args, 1),
  band: fold((a, b) => a & b),
  bor: fold((a, b) => a | b),
  bxor: fold((a, b) => a ^ b),
  lshift: shift((value, by) => value << by),
  rshift: shift((value, by) => value >>> by),
  arshift: shift((value, by) => value >> by),
  rol: shift((value, by) => (value << by) | (value >>> (32 - by))),
  ror: shift((value, by) => (value >>> by) | (value << (32 - by))),
  bswap: (...args) => {
    const value = bits(args, 1)
    return (value << 24) | ((value & 0xff00) << 8) | ((value >>> 8) & 0xff00) | (value >>> 24)
  },
  tohex: (...args) => {
    const value = bits(args, 1)
    const wanted = optionalInteger(args, 2, 8)
    const digits = Math.min(8, Math.abs(wanted))
    const text = digits === 0 ? '' : (value >>> 0).toString(16).padStart(8, '0').slice(-digits)
    return wanted < 0 ? text.toUpperCase() : text
  },
}
