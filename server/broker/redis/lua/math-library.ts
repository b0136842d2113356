import { integerAt, numberAt } from './arguments.ts'
import { argumentError, libraryError } from './error.ts'
import { powerOf } from './operators.ts'
import type { LuaFunction, LuaValue } from './value.ts'

/** The 48-bit generator of `lrand48`, from its usual first state on. As in Redis 7.0 it goes on from script to script. */
class Chance {
  #state = 0x1234abcd330en

  seed(value: number): void {
    this.#state = (BigInt.asUintN(32, BigInt(Math.trunc(value))) << 16n) | 0x330en
  }

  /** [0, 1) */
  next(): number {
    this.#state = (this.#state * 0x5deece66dn + 0xbn) & 0xffffffffffffn
    const bits = Number(this.#state >> 17n)
    return (bits % 2147483647) / 2147483647
  }
}

const one =
  (operate: (value: number) => number): LuaFunction =>
  (...args) =>
    operate(numberAt(args, 1))
const two =
  (operate: (a: number, b: number) => number): LuaFunction =>
  (...args) =>
    operate(numberAt(args, 1), numberAt(args, 2))
const remainder = two((a, b) => a % b)

export function mathLibrary(): Readonly<Record<string, LuaValue>> {
  const chance = new Chance()
  return { ...pure, ...randomFunctions(chance) }
}

const pure: Readonly<Record<string, LuaValue>> = {
  huge: Infinity,
  pi: Math.PI,
  abs: one(Math.abs),
  acos: one(Math.acos),
  asin: one(Math.asin),
  atan: one(Math.atan),
  atan2: two(Math.atan2),
  ceil: one(Math.ceil),
  cos: one(Math.cos),
  cosh: one(Math.cosh),
  deg: one((value) => value / (Math.PI / 180)),
  exp: one(Math.exp),
  floor: one(Math.floor),
  fmod: remainder,
  mod: remainder,
  frexp: (...args) => {
    const value = numberAt(args, 1)
    if (value === 0 || value - value !== 0) return [value, 0]
    let exponent = Math.max(-1023, Math.floor(Math.log2(Math.abs(value))) + 1)
    let mantissa = value * 2 ** -exponent
    while (Math.abs(mantissa) < 0.5) {
      mantissa *= 2
      exponent--
    }
    while (Math.abs(mantissa) >= 1) {
      mantissa /= 2
      exponent++
    }
    return [mantissa, exponent]
  },
  ldexp: (...args) => {
    const exponent = Math.max(-2200, Math.min(2200, integerAt([undefined, ...args.slice(1)], 2)))
    const half = Math.trunc(exponent / 2)
    return numberAt(args, 1) * 2 ** half * 2 ** (exponent - half)
  },
  log: one(Math.log),
  log10: one(Math.log10),
  max: (...args) => {
    let most = numberAt(args, 1)
    for (let i = 2; i <= args.length; i++) {
      const value = numberAt(args, i)
      if (value > most) most = value
    }
    return most
  },
  min: (...args) => {
    let least = numberAt(args, 1)
    for (let i = 2; i <= args.length; i++) {
      const value = numberAt(args, i)
      if (value < least) least = value
    }
    return least
  },
  modf: (...args) => {
    const value = numberAt(args, 1)
    const whole = Math.trunc(value)
    return [whole, value === whole ? (value < 0 || 1 / value < 0 ? -0 : 0) : value - whole]
  },
  pow: two(powerOf),
  rad: one((value) => value * (Math.PI / 180)),
  sin: one(Math.sin),
  sinh: one(Math.sinh),
  sqrt: one(Math.sqrt),
  tan: one(Math.tan),
  tanh: one(Math.tanh),
}

function randomFunctions(chance: Chance): Readonly<Record<string, LuaFunction>> {
  return {
    random: (...args) => {
      const fraction = chance.next()
      if (args.length === 0) return fraction
      if (args.length > 2) throw libraryError('wrong number of arguments')
      const low = args.length === 1 ? 1 : integerAt(args, 1)
      const high = integerAt(args, args.length)
      if (low > high) throw argumentError(args.length, 'interval is empty')
      return Math.floor(fraction * (high - low + 1)) + low
    },
    randomseed: (...args) => {
      chance.seed(integerAt(args, 1))
      return []
    },
  }
}
