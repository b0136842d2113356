import { anyAt, integerAt, optionalInteger, stringAt, tableAt, typeError } from './arguments.ts'
import { type Compiled, compile, type World } from './compile.ts'
import { argumentError, framesOf, LuaError, libraryError, placeOf } from './error.ts'
import { iterators } from './loops.ts'
import { meter, ScriptStop } from './meter.ts'
import { numberText } from './number.ts'
import { isTrue, library, metaOf, rawStore, strings, toNumber, toText } from './operators.ts'
import { CompileError } from './syntax.ts'
import { LuaTable } from './table.ts'
import { first, type LuaFunction, type LuaValue, many, NOTHING, typeName, Userdata } from './value.ts'

/** More results than Lua's C stack holds. */
const RESULTS_MAX = 7_999

/** The base library, without what reads files or prints. */
export function baseLibrary(world: World, compiled: Compiled[]): Readonly<Record<string, LuaFunction>> {
  return {
    ...values,
    ...metatables,
    ...calls,
    ipairs: (...args) => [iterators.ipairs, tableAt(args, 1), 0],
    pairs: (...args) => [iterators.next, tableAt(args, 1), undefined],
    next: iterators.next,
    loadstring: (...args) => {
      const text = stringAt(args, 1)
      return loaded(text, args[1] === undefined ? text : stringAt(args, 2))
    },
    load: (...args) => {
      if (typeof args[0] !== 'function') throw typeError(args, 1, 'function')
      const depth = meter.depth
      let text = ''
      try {
        text = readAll(args[0])
      } catch (thrown) {
        meter.depth = depth
        return [undefined, caught(thrown)]
      }
      return loaded(text, args[1] === undefined ? '=(load)' : stringAt(args, 2))
    },
  }

  function loaded(text: string, name: string) {
    if (text[0] === '\x1b') return [undefined, `${name}: bad binary`]
    try {
      meter.charge(20 * text.length)
      const chunk = compile(text, name, world)
      compiled.push(chunk)
      return chunk.main
    } catch (error) {
      if (error instanceof CompileError) return [undefined, error.message]
      throw error
    }
  }
}

/** What a reader gives, piece by piece, until it gives nothing. */
function readAll(reader: LuaValue): string {
  let text = ''
  for (;;) {
    const piece = first(library.callFromLibrary(reader, NOTHING))
    if (piece === undefined || piece === '') return text
    const part = toText(piece)
    if (part === undefined) throw new LuaError('reader function must return a string')
    meter.charge(text.length + part.length)
    text += part
  }
}

const values: Readonly<Record<string, LuaFunction>> = {
  type: (...args) => typeName(anyAt(args, 1)),
  tostring: (...args) => text(anyAt(args, 1)),
  tonumber: (...args) => {
    const base = optionalInteger(args, 2, 10)
    if (base === 10) return toNumber(anyAt(args, 1))
    const digits = stringAt(args, 1)
    if (base < 2 || base > 36) throw argumentError(2, 'base out of range')
    return inBase(digits, base)
  },
  assert: (...args) => {
    if (isTrue(anyAt(args, 1))) return args
    if (args[1] === undefined) throw libraryError('assertion failed!')
    throw libraryError(stringAt(args, 2))
  },
  error: (value, level) => {
    const depth = level === undefined ? 1 : integerAt([value, level], 2)
    const error = new LuaError(value)
    const message = toText(value)
    if (depth > 0 && message !== undefined) error.value = placeOf(error.frames[depth - 1]) + message
    throw error
  },
  rawequal: (...args) => anyAt(args, 1) === anyAt(args, 2),
  rawget: (...args) => tableAt(args, 1).get(anyAt(args, 2)),
  rawset: (...args) => {
    const table = tableAt(args, 1)
    rawStore(table, anyAt(args, 2), anyAt(args, 3))
    return table
  },
  select: (...args) => {
    if (args[0] === '#') return args.length - 1
    const from = integerAt(args, 1)
    if (from < 0 && args.length - 1 + from < 0) throw argumentError(1, 'index out of range')
    if (from === 0) throw argumentError(1, 'index out of range')
    return from < 0 ? args.slice(args.length + from) : args.slice(from)
  },
  unpack: (...args) => {
    const table = tableAt(args, 1)
    const from = optionalInteger(args, 2, 1)
    const to = args[2] === undefined ? table.border() : integerAt(args, 3)
    const count = to - from + 1
    if (count <= 0) return NOTHING
    if (count > RESULTS_MAX) throw libraryError('too many results to unpack')
    if (from === 1 && to === table.array.length) return table.array.slice()
    const found: LuaValue[] = []
    for (let i = from; i <= to; i++) found.push(table.at(i))
    return found
  },
  collectgarbage: (...args) => {
    const option = args[0] === undefined ? 'collect' : stringAt(args, 1)
    if (!GARBAGE.includes(option)) throw argumentError(1, `invalid option '${option}'`)
    return 0
  },
  gcinfo: () => 0,
}
const GARBAGE: readonly string[] = ['stop', 'restart', 'collect', 'count', 'step', 'setpause', 'setstepmul']

function inBase(digits: string, base: number): number | undefined {
  const [, sign = '', number = ''] = /^[ \t\n\v\f\r]*([+-]?)([0-9a-zA-Z]+)[ \t\n\v\f\r]*$/.exec(digits) ?? []
  const plain = base === 16 ? number.replace(/^0[xX](?=[0-9a-fA-F])/, '') : number
  if (plain === '') return undefined
  let value = 0
  for (const digit of plain.toLowerCase()) {
    const place = digit <= '9' ? Number(digit) : digit.charCodeAt(0) - 87
    if (place >= base) return undefined
    value = value * base + place
  }
  // strtoul: 64 bits, then negated without a sign.
  if (value >= 2 ** 64) return 2 ** 64
  return sign === '-' && value > 0 ? Number(BigInt.asUintN(64, -BigInt(value))) : value
}

/** `tostring`. Tables and functions are numbered as they are first shown: an address would tell nothing. */
export function text(value: LuaValue): LuaValue {
  if (typeof value === 'string') return value
  if (typeof value === 'number') return numberText(value)
  const handler = metaOf(value, '__tostring')
  if (handler !== undefined) {
    // Whatever it gives: Lua asks for no string here.
    return first(library.callFromLibrary(handler, [value]))
  }
  if (value === undefined) return 'nil'
  if (typeof value === 'boolean') return String(value)
  if (value instanceof Userdata) return `userdata: ${value.label}`
  return `${typeName(value)}: 0x${address(value)}`
}

const addresses = new WeakMap<object, number>()
let shown = 0
function address(value: object): string {
  let number = addresses.get(value)
  if (number === undefined) {
    shown++
    number = shown
    addresses.set(value, number)
  }
  return (0x7f0000000000 + number * 64).toString(16)
}

const metatables: Readonly<Record<string, LuaFunction>> = {
  getmetatable: (...args) => {
    const value = anyAt(args, 1)
    const guarded = metaOf(value, '__metatable')
    if (guarded !== undefined) return guarded
    if (value instanceof LuaTable) return value.meta ?? undefined
    return typeof value === 'string' ? (strings.metatable ?? undefined) : undefined
  },
  setmetatable: (...args) => {
    const table = tableAt(args, 1)
    const meta = args[1]
    if (args.length < 2 || (meta !== undefined && !(meta instanceof LuaTable)))
      throw argumentError(2, 'nil or table expected')
    if (metaOf(table, '__metatable') !== undefined) throw libraryError('cannot change a protected metatable')
    if (table.isReadonly) throw new LuaError('Attempt to modify a readonly table')
    table.meta = meta ?? null
    return table
  },
}

const calls: Readonly<Record<string, LuaFunction>> = {
  pcall: (...args) => {
    if (args.length === 0) return [false, 'attempt to call a boolean value']
    const depth = meter.depth
    try {
      return [true, ...many(library.callFromLibrary(args[0], args.slice(1)))]
    } catch (thrown) {
      meter.depth = depth
      return pcallResult(caught(thrown))
    }
  },
  xpcall: (...args) => {
    anyAt(args, 2)
    const depth = meter.depth
    try {
      return [true, ...many(library.callFromLibrary(args[0], NOTHING))]
    } catch (thrown) {
      meter.depth = depth
      const value = caught(thrown)
      try {
        return [false, first(library.callFromLibrary(args[1], [value]))]
      } catch (again) {
        meter.depth = depth
        caught(again)
        return [false, 'error in error handling']
      }
    }
  },
}

/** Redis gives the text of an error table to whoever catches it. */
function pcallResult(value: LuaValue): readonly LuaValue[] {
  if (!(value instanceof LuaTable)) return [false, value]
  const message = value.named('err')
  return typeof message === 'string' || typeof message === 'number' ? [false, message] : [false, value, message]
}

/** The value of what was thrown; what no script may catch goes on. */
export function caught(thrown: unknown): LuaValue {
  if (thrown instanceof LuaError) return thrown.value
  if (thrown instanceof RangeError) {
    // The real stack, before our estimate of it was used up; or a string longer than V8 can hold.
    if (!thrown.message.includes('call stack')) throw new ScriptStop('Script killed: it used too much memory')
    return `${placeOf(framesOf(thrown)[0])}stack overflow`
  }
  throw thrown
}
