import { LuaError, libraryError, operatorError, overflow } from './error.ts'
import { meter } from './meter.ts'
import { numberText, parseNumber } from './number.ts'
import { LuaTable } from './table.ts'
import { first, type LuaFunction, type LuaResult, type LuaValue, typeName } from './value.ts'

/** What the generated code does when two plain numbers or strings are not at hand. */

/** A chain of `__index` or `__newindex` longer than this is taken for a loop, as in Lua. */
const CHAIN_MAX = 100

/** The string library, as the metatable of every string has it; set once by the library. */
export const strings: { metatable: LuaTable | null } = { metatable: null }

export function metaOf(value: LuaValue, event: string): LuaValue {
  if (value instanceof LuaTable) return value.meta === null ? undefined : value.meta.named(event)
  if (typeof value === 'string') return strings.metatable?.named(event)
  return undefined
}

export function index(object: LuaValue, key: LuaValue): LuaValue {
  if (object instanceof LuaTable) {
    const value = object.get(key)
    if (value !== undefined || object.meta === null) return value
  }
  return indexMeta(object, key)
}

/** With a key that is a string. */
export function field(object: LuaValue, key: string): LuaValue {
  if (object instanceof LuaTable) {
    const value = object.hash === null ? undefined : object.hash.get(key)
    if (value !== undefined || object.meta === null) return value
  }
  return indexMeta(object, key)
}

function indexMeta(start: LuaValue, key: LuaValue): LuaValue {
  let object = start
  for (let count = 0; count < CHAIN_MAX; count++) {
    if (object instanceof LuaTable) {
      const value = object.get(key)
      if (value !== undefined) return value
    }
    const handler = metaOf(object, '__index')
    if (handler === undefined) {
      if (object instanceof LuaTable) return undefined
      const type = typeName(object)
      if (count > 0) throw operatorError(() => `attempt to index a ${type} value`)
      throw operatorError((operands) => attempt('index', operands[0], type))
    }
    if (typeof handler === 'function') return first(handler(object, key))
    object = handler
  }
  throw operatorError(() => 'loop in gettable')
}

export function setIndex(object: LuaValue, key: LuaValue, value: LuaValue): void {
  if (object instanceof LuaTable && object.meta === null) store(object, key, value)
  else setIndexMeta(object, key, value)
}

function setIndexMeta(start: LuaValue, key: LuaValue, value: LuaValue): void {
  let object = start
  for (let count = 0; count < CHAIN_MAX; count++) {
    const handler = metaOf(object, '__newindex')
    if (object instanceof LuaTable) {
      if (handler === undefined || object.get(key) !== undefined) {
        store(object, key, value)
        return
      }
    } else if (handler === undefined) {
      const type = typeName(object)
      throw operatorError((operands) => attempt('index', count === 0 ? operands[0] : null, type))
    }
    if (typeof handler === 'function') {
      handler(object, key, value)
      return
    }
    object = handler
  }
  throw operatorError(() => 'loop in settable')
}

function store(table: LuaTable, key: LuaValue, value: LuaValue): void {
  if (table.isReadonly) throw operatorError(() => READONLY)
  if (typeof key === 'number') {
    // biome-ignore lint/suspicious/noSelfCompare: only NaN differs from itself
    if (key !== key) throw operatorError(() => 'table index is NaN')
    table.put(key, value)
  } else {
    if (key === undefined) throw operatorError(() => 'table index is nil')
    table.set(key, value)
  }
}

const READONLY = 'Attempt to modify a readonly table'

/** `rawset` and what writes like it. */
export function rawStore(table: LuaTable, key: LuaValue, value: LuaValue): void {
  if (table.isReadonly) throw new LuaError(READONLY)
  if (key === undefined) throw new LuaError('table index is nil')
  // biome-ignore lint/suspicious/noSelfCompare: only NaN differs from itself
  if (key !== key) throw new LuaError('table index is NaN')
  table.set(key, value)
}

function attempt(act: string, name: string | null | undefined, type: string): string {
  return name == null ? `attempt to ${act} a ${type} value` : `attempt to ${act} ${name} (a ${type} value)`
}

/** What a call calls when the value is no function. The arguments are evaluated first, so the error comes by the call. */
export function callable(value: LuaValue): LuaFunction {
  if (typeof value === 'function') return value
  const handler = metaOf(value, '__call')
  if (typeof handler === 'function') return (...args) => handler(value, ...args)
  return () => {
    throw operatorError((operands) => attempt('call', operands[0], typeName(value)))
  }
}

/** How library functions call a value: errors see a level of the library between. */
export const library = {
  callFromLibrary(callee: LuaValue, args: readonly LuaValue[]): LuaResult {
    meter.depth += 400
    if (meter.depth > meter.depthMax || --meter.steps < 0) enter()
    const result = typeof callee === 'function' ? callee(...args) : callable(callee)(...args)
    meter.depth -= 400
    return result
  },
}

/** At the start of a function when the stack is used up or it is time to look at the clock. */
export function enter(): void {
  if (meter.depth > meter.depthMax) throw overflow()
  meter.look()
}

export function toNumber(value: LuaValue): number | undefined {
  if (typeof value === 'number') return value
  return typeof value === 'string' ? parseNumber(value) : undefined
}

/** Of a string or a number; undefined: it is neither. */
export function toText(value: LuaValue): string | undefined {
  if (typeof value === 'string') return value
  return typeof value === 'number' ? numberText(value) : undefined
}

type Operator = (a: number, b: number) => number

function arithmetic(a: LuaValue, b: LuaValue, event: string, operate: Operator): LuaValue {
  const left = toNumber(a)
  const right = left === undefined ? undefined : toNumber(b)
  if (left !== undefined && right !== undefined) return operate(left, right)
  let handler = metaOf(a, event)
  if (handler === undefined) handler = metaOf(b, event)
  if (handler !== undefined) {
    return first(typeof handler === 'function' ? handler(a, b) : callable(handler)(a, b))
  }
  const isLeft = left === undefined
  throw operatorError((operands) =>
    attempt('perform arithmetic on', operands[isLeft ? 0 : 1], typeName(isLeft ? a : b)),
  )
}

export function add(a: LuaValue, b: LuaValue): LuaValue {
  return typeof a === 'number' && typeof b === 'number' ? a + b : arithmetic(a, b, '__add', (x, y) => x + y)
}
export function subtract(a: LuaValue, b: LuaValue): LuaValue {
  return typeof a === 'number' && typeof b === 'number' ? a - b : arithmetic(a, b, '__sub', (x, y) => x - y)
}
export function multiply(a: LuaValue, b: LuaValue): LuaValue {
  return typeof a === 'number' && typeof b === 'number' ? a * b : arithmetic(a, b, '__mul', (x, y) => x * y)
}
export function divide(a: LuaValue, b: LuaValue): LuaValue {
  return typeof a === 'number' && typeof b === 'number' ? a / b : arithmetic(a, b, '__div', (x, y) => x / y)
}
/** a - floor(a / b) * b, as Lua 5.1 has it: the sign is that of b. */
const modOf: Operator = (x, y) => x - Math.floor(x / y) * y
export function modulo(a: LuaValue, b: LuaValue): LuaValue {
  return typeof a === 'number' && typeof b === 'number' ? modOf(a, b) : arithmetic(a, b, '__mod', modOf)
}
/** C's pow: 1 to any power is 1, and -1 to an infinite one too. */
export const powerOf: Operator = (x, y) => (x === 1 || (x === -1 && (y === Infinity || y === -Infinity)) ? 1 : x ** y)
export function power(a: LuaValue, b: LuaValue): LuaValue {
  return arithmetic(a, b, '__pow', powerOf)
}
export function negate(a: LuaValue): LuaValue {
  return typeof a === 'number' ? -a : arithmetic(a, a, '__unm', (x) => -x)
}

export function concat(a: LuaValue, b: LuaValue): LuaValue {
  const left = toText(a)
  const right = toText(b)
  if (left !== undefined && right !== undefined) {
    meter.charge(left.length + right.length + 32)
    return meter.joined(left + right)
  }
  let handler = metaOf(a, '__concat')
  if (handler === undefined) handler = metaOf(b, '__concat')
  if (handler !== undefined) return first(callable(handler)(a, b))
  const isRight = left !== undefined
  throw operatorError((operands) => attempt('concatenate', operands[isRight ? 1 : 0], typeName(isRight ? b : a)))
}

export function length(value: LuaValue): LuaValue {
  if (typeof value === 'string') return value.length
  if (value instanceof LuaTable) return value.border()
  throw operatorError((operands) => attempt('get length of', operands[0], typeName(value)))
}

/** `==` of two values that are not the same: only tables can be made equal, by one common `__eq`. */
export function equals(a: LuaValue, b: LuaValue): boolean {
  if (a === b) return true
  if (!(a instanceof LuaTable && b instanceof LuaTable) || a.meta === null || b.meta === null) return false
  const handler = a.meta.named('__eq')
  if (handler === undefined || handler !== b.meta.named('__eq')) return false
  return isTrue(first(callable(handler)(a, b)))
}

export function less(a: LuaValue, b: LuaValue): boolean {
  if (typeof a === 'number' && typeof b === 'number') return a < b
  if (typeof a === 'string' && typeof b === 'string') return a < b
  return order(a, b, '__lt') ?? fail(a, b)
}

export function lessOrEqual(a: LuaValue, b: LuaValue): boolean {
  if (typeof a === 'number' && typeof b === 'number') return a <= b
  if (typeof a === 'string' && typeof b === 'string') return a <= b
  const answer = order(a, b, '__le')
  if (answer !== undefined) return answer
  const reversed = order(b, a, '__lt')
  return reversed === undefined ? fail(a, b) : !reversed
}

function order(a: LuaValue, b: LuaValue, event: string): boolean | undefined {
  if (typeof a !== typeof b) return undefined
  const handler = metaOf(a, event)
  if (handler === undefined || handler !== metaOf(b, event)) return undefined
  return isTrue(first(callable(handler)(a, b)))
}

function fail(a: LuaValue, b: LuaValue): never {
  const left = typeName(a)
  const right = typeName(b)
  throw operatorError(() =>
    left === right ? `attempt to compare two ${left} values` : `attempt to compare ${left} with ${right}`,
  )
}

export function isTrue(value: LuaValue): boolean {
  return value !== undefined && value !== false
}

/** The bounds of a numeric `for`. */
export function bound(value: LuaValue, what: 'initial value' | 'limit' | 'step'): number {
  const number = toNumber(value)
  if (number === undefined) throw operatorError(() => `'for' ${what} must be a number`)
  return number
}

/** A write to a global: all are read-only. */
export function setGlobal(): never {
  throw operatorError(() => READONLY)
}
export function noGlobal(name: string): never {
  throw libraryError(`Script attempted to access nonexistent global variable '${name}'`)
}
