import { integerAt, optionalInteger, stringAt, tableAt, typeError } from './arguments.ts'
import { libraryError } from './error.ts'
import { meter } from './meter.ts'
import { isTrue, less, library, rawStore, toText } from './operators.ts'
import { type LuaTable, TableWalk } from './table.ts'
import { first, type LuaFunction, type LuaValue, NOTHING, typeName } from './value.ts'

export const tableLibrary: Readonly<Record<string, LuaFunction>> = {
  concat: (...args) => {
    const table = tableAt(args, 1)
    const separator = args[1] === undefined ? '' : stringAt(args, 2)
    const from = optionalInteger(args, 3, 1)
    const to = args[3] === undefined ? table.border() : integerAt(args, 4)
    let text = ''
    for (let i = from; i <= to; i++) {
      const value = table.at(i)
      const piece = toText(value)
      if (piece === undefined) {
        throw libraryError(`invalid value (${typeName(value)}) at index ${i} in table for 'concat'`)
      }
      meter.charge(piece.length + separator.length)
      if (--meter.steps < 0) meter.look()
      text += i < to ? piece + separator : piece
    }
    return meter.joined(text)
  },
  foreach: (...args) => {
    const walk = new TableWalk(tableAt(args, 1))
    functionAt(args, 2)
    while (walk.step()) {
      const found = first(library.callFromLibrary(args[1], [walk.key, walk.value]))
      if (found !== undefined) return found
    }
    return NOTHING
  },
  foreachi: (...args) => {
    const table = tableAt(args, 1)
    functionAt(args, 2)
    const end = table.border()
    for (let i = 1; i <= end; i++) {
      const found = first(library.callFromLibrary(args[1], [i, table.at(i)]))
      if (found !== undefined) return found
    }
    return NOTHING
  },
  getn: (...args) => tableAt(args, 1).border(),
  setn: (...args) => {
    tableAt(args, 1)
    throw libraryError("'setn' is obsolete")
  },
  insert: (...args) => {
    const table = tableAt(args, 1)
    const end = table.border() + 1
    if (args.length === 2) {
      rawStore(table, end, args[1])
      return NOTHING
    }
    if (args.length !== 3) throw libraryError("wrong number of arguments to 'insert'")
    const at = integerAt(args, 2)
    if (table.isReadonly) rawStore(table, at, args[2])
    meter.spend(Math.max(0, end - at) >> 3)
    const { array } = table
    if (at >= 1 && at <= array.length && end === array.length + 1) {
      rawStore(table, end, array[end - 2])
      array.copyWithin(at, at - 1, end - 2)
    } else for (let i = Math.max(end, at); i > at; i--) table.set(i, table.at(i - 1))
    rawStore(table, at, args[2])
    return NOTHING
  },
  maxn: (...args) => {
    const walk = new TableWalk(tableAt(args, 1))
    let most = 0
    while (walk.step()) {
      if (--meter.steps < 0) meter.look()
      if (typeof walk.key === 'number' && walk.key > most) most = walk.key
    }
    return most
  },
  remove: (...args) => {
    const table = tableAt(args, 1)
    const end = table.border()
    const at = optionalInteger(args, 2, end)
    if (!(at >= 1 && at <= end)) return NOTHING
    const removed = table.at(at)
    if (table.isReadonly) rawStore(table, at, undefined)
    const { array } = table
    meter.spend((end - at) >> 3)
    if (end <= array.length) {
      array.copyWithin(at - 1, at, end)
      array[end - 1] = undefined
    } else {
      for (let i = at; i < end; i++) table.set(i, table.at(i + 1))
      table.set(end, undefined)
    }
    return removed
  },
  sort: (...args) => {
    const table = tableAt(args, 1)
    if (args[1] !== undefined) functionAt(args, 2)
    sort(table, 1, table.border(), args[1])
    return NOTHING
  },
}

function functionAt(args: readonly LuaValue[], position: number): void {
  if (typeof args[position - 1] !== 'function') throw typeError(args, position, 'function')
}

/** As an operator that the library runs: its errors name no line. */
const lessFromLibrary: LuaFunction = (a, b) => less(a, b)

function isLess(a: LuaValue, b: LuaValue, compare: LuaValue): boolean {
  if (--meter.steps < 0) meter.look()
  if (compare !== undefined) return isTrue(first(library.callFromLibrary(compare, [a, b])))
  if (typeof a === 'number' && typeof b === 'number') return a < b
  if (typeof a === 'string' && typeof b === 'string') return a < b
  return library.callFromLibrary(lessFromLibrary, [a, b]) === true
}

function swap(table: LuaTable, i: number, j: number): void {
  const kept = table.at(i)
  rawStore(table, i, table.at(j))
  rawStore(table, j, kept)
}

/**
 * Lua 5.1's quicksort, step by step: the order of equal elements and the calls of the order function are the same. The longer part is
 * sorted by the loop, so the recursion is as deep as the logarithm of the length.
 */
function sort(table: LuaTable, start: number, end: number, compare: LuaValue): void {
  let low = start
  let high = end
  while (low < high) {
    if (isLess(table.at(high), table.at(low), compare)) swap(table, low, high)
    if (high - low === 1) return
    const middle = Math.floor((low + high) / 2)
    if (isLess(table.at(middle), table.at(low), compare)) swap(table, middle, low)
    else if (isLess(table.at(high), table.at(middle), compare)) swap(table, middle, high)
    if (high - low === 2) return
    const pivot = table.at(middle)
    swap(table, middle, high - 1)
    const split = partition({ table, low, high, pivot, compare })
    swap(table, high - 1, split)
    if (split - low < high - split) {
      sort(table, low, split - 1, compare)
      low = split + 1
    } else {
      sort(table, split + 1, high, compare)
      high = split - 1
    }
  }
}

function partition(part: {
  readonly table: LuaTable
  readonly low: number
  readonly high: number
  readonly pivot: LuaValue
  readonly compare: LuaValue
}): number {
  const { table, low, high, pivot, compare } = part
  let i = low
  let j = high - 1
  for (;;) {
    while (isLess(table.at(++i), pivot, compare)) {
      if (i > high) throw libraryError('invalid order function for sorting')
    }
    while (isLess(pivot, table.at(--j), compare)) {
      if (j < low) throw libraryError('invalid order function for sorting')
    }
    if (j < i) return i
    swap(table, i, j)
  }
}
