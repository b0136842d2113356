import { integerAt, tableAt } from './arguments.ts'
import { LuaError, operatorError } from './error.ts'
import { LuaTable, TableWalk } from './table.ts'
import { type LuaFunction, type LuaValue, NOTHING } from './value.ts'

/** Traversals that generated code runs without calling the iterator, and table constructors with keys. */

/** `next`, and the iterator of `ipairs`: known here so that a `for` over them needs no calls. */
export const iterators: { readonly next: LuaFunction; readonly ipairs: LuaFunction } = {
  next: (...args) => {
    const entry = tableAt(args, 1).after(args[1])
    if (entry === null) throw new LuaError("invalid key to 'next'")
    return entry
  },
  ipairs: (...args) => {
    const next = integerAt(args, 2) + 1
    const value = tableAt(args, 1).at(next)
    return value === undefined ? NOTHING : [next, value]
  },
}

/** 1, 2, … up to the first nil. */
class ListWalk {
  key: LuaValue = 0
  value: LuaValue = undefined
  readonly #table: LuaTable
  #index = 0

  constructor(table: LuaTable) {
    this.#table = table
  }

  step(): boolean {
    this.#index++
    this.key = this.#index
    this.value = this.#table.at(this.#index)
    return this.value !== undefined
  }
}

/** The traversal that a `for` means, when it is one of the two usual ones. */
export function walkOf(iterator: LuaValue, table: LuaValue, start: LuaValue): TableWalk | ListWalk | null {
  if (!(table instanceof LuaTable)) return null
  if (iterator === iterators.next && start === undefined) return new TableWalk(table)
  return iterator === iterators.ipairs && start === 0 ? new ListWalk(table) : null
}

/** `{1, x = 2}`: `shape` tells for each field in order whether it is a place or a key with its value. */
export function build(shape: string, values: readonly LuaValue[]): LuaTable {
  const places: LuaValue[] = []
  const keyed: LuaValue[] = []
  let at = 0
  for (const kind of shape) {
    if (kind === 'k') keyed.push(values[at++], values[at++])
    else if (at < values.length) places.push(values[at++])
  }
  // The last place may have given several values, or none.
  while (at < values.length) places.push(values[at++])
  const table = new LuaTable(places)
  for (let i = 0; i < keyed.length; i += 2) {
    const key = keyed[i]
    if (key === undefined) throw operatorError(() => 'table index is nil')
    // biome-ignore lint/suspicious/noSelfCompare: only NaN differs from itself
    if (key !== key) throw operatorError(() => 'table index is NaN')
    if (typeof key === 'number' && key >= 1 && key <= places.length && table.at(key) !== undefined) continue
    table.set(key, keyed[i + 1])
  }
  return table
}

/** What a vararg function of Lua 5.0 finds in `arg`. */
export function argTable(values: readonly LuaValue[]): LuaTable {
  const table = new LuaTable([...values])
  table.set('n', values.length)
  return table
}
