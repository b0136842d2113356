import type { LuaTable } from './table.ts'

/**
 * A Lua value as a JavaScript one: nil is undefined, numbers and booleans are themselves, a string holds one byte per character, a
 * function is a JavaScript function of Lua values.
 */
export type LuaValue = undefined | boolean | number | string | LuaTable | Userdata | LuaFunction

/** One value as itself; none, several, or one, as an array, which is never a Lua value. Nobody changes such an array. */
export type LuaResult = LuaValue | readonly LuaValue[]

export type LuaFunction = (...args: LuaValue[]) => LuaResult

/** No value at all. */
export const NOTHING: readonly LuaValue[] = Object.freeze([])

/** What only compares and prints: `cjson.null`. */
export class Userdata {
  readonly label: string
  constructor(label: string) {
    this.label = label
  }
}

/** The first of the results, nil when there is none. */
export function first(result: LuaResult): LuaValue {
  return Array.isArray(result) ? (result as readonly LuaValue[])[0] : (result as LuaValue)
}

/** All of the results. */
export function many(result: LuaResult): readonly LuaValue[] {
  return Array.isArray(result) ? (result as readonly LuaValue[]) : [result as LuaValue]
}

export function typeName(value: LuaValue): string {
  switch (typeof value) {
    case 'undefined':
      return 'nil'
    case 'object':
      return value instanceof Userdata ? 'userdata' : 'table'
    default:
      return typeof value
  }
}
