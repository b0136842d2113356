import { floatOf, integerOf, SYNTAX, WRONG_TYPE } from '../arguments.ts'
import type { Call, Command } from '../command.ts'
import { ErrorReply, type Reply } from '../reply.ts'
import { HashValue } from '../values/hash.ts'
import { ListValue } from '../values/list.ts'
import { SetValue } from '../values/set.ts'
import { SortedSetValue } from '../values/sorted-set.ts'

/** https://redis.io/docs/latest/commands/sort/ */
export const sort: readonly Command[] = [
  {
    name: 'sort',
    arity: -2,
    flags: ['write', 'denyoom'],
    keys: [1, 1, 1],
    keysOf: sortKeys,
    run: (call, args) => run(call, args, true),
  },
  {
    name: 'sort_ro',
    arity: -2,
    flags: ['readonly'],
    keys: [1, 1, 1],
    run: (call, args) => run(call, args, false),
  },
]

interface SortOptions {
  readonly by: string | null
  /** Patterns; empty: the members themselves. */
  readonly gets: readonly string[]
  readonly isDescending: boolean
  readonly isAlpha: boolean
  readonly offset: number
  /** Negative: all. */
  readonly count: number
  readonly store: string | null
}

interface Weighed {
  readonly member: string
  readonly score: number
  /** ALPHA BY: null where the key is missing. */
  readonly text: string | null
}

function run(call: Call, args: readonly string[], mayStore: boolean): Reply {
  const options = sortOptions(args, mayStore)
  const { members, isSet } = membersOf(call, args[1] as string)
  const isConstant = options.by !== null && !options.by.includes('*')
  // The order of a set's members is nobody's: what is stored must not depend on it.
  const mustOrder = isConstant && isSet && options.store !== null
  const sorted = mustOrder
    ? ordered(call, members, { ...options, by: null, isAlpha: true })
    : isConstant
      ? unordered(members, options, isSet)
      : ordered(call, members, options)
  const start = Math.min(Math.max(options.offset, 0), sorted.length)
  const end = options.count < 0 ? sorted.length : Math.min(start + options.count, sorted.length)
  const found = sorted.slice(start, end)
  const { gets } = options
  const results =
    gets.length === 0 ? found : found.flatMap((member) => gets.map((pattern) => lookUp(call, pattern, member)))
  if (options.store === null) return results
  return stored(
    call,
    options.store,
    results.map((result) => result ?? ''),
  )
}

function stored(call: Call, key: string, items: readonly string[]): number {
  if (items.length === 0) call.db.remove(key)
  else call.db.set(key, new ListValue(items), true)
  return items.length
}

/** SORT key [BY pattern] [LIMIT offset count] [GET pattern …] [ASC|DESC] [ALPHA] [STORE destination] */
function sortOptions(args: readonly string[], mayStore: boolean): SortOptions {
  let by: string | null = null
  const gets: string[] = []
  let isDescending = false
  let isAlpha = false
  let offset = 0
  let count = -1
  let store: string | null = null
  for (let at = 2; at < args.length; at++) {
    const option = (args[at] as string).toUpperCase()
    const more = args.length - 1 - at
    if (option === 'ASC') isDescending = false
    else if (option === 'DESC') isDescending = true
    else if (option === 'ALPHA') isAlpha = true
    else if (option === 'LIMIT' && more >= 2) {
      offset = integerOf(args[++at] as string)
      count = integerOf(args[++at] as string)
    } else if (option === 'STORE' && mayStore && more >= 1) store = args[++at] as string
    else if (option === 'BY' && more >= 1) by = args[++at] as string
    else if (option === 'GET' && more >= 1) gets.push(args[++at] as string)
    else throw new ErrorReply(SYNTAX)
  }
  return { by, gets, isDescending, isAlpha, offset, count, store }
}

function membersOf(call: Call, key: string): { readonly members: readonly string[]; readonly isSet: boolean } {
  const value = call.db.get(key)
  if (value === undefined) return { members: [], isSet: false }
  if (value instanceof ListValue) return { members: value.slice(0, value.size), isSet: false }
  if (value instanceof SetValue) return { members: value.toArray(), isSet: true }
  if (!(value instanceof SortedSetValue)) throw new ErrorReply(WRONG_TYPE)
  const members: string[] = []
  value.take(0, value.size, members, null)
  return { members, isSet: false }
}

/** BY a constant: as they stand, from the other end with DESC. */
function unordered(members: readonly string[], { isDescending }: SortOptions, isSet: boolean): readonly string[] {
  return isDescending && !isSet ? [...members].reverse() : members
}

function ordered(call: Call, members: readonly string[], options: SortOptions): readonly string[] {
  const { by, isAlpha, isDescending } = options
  const weighed = members.map((member): Weighed => {
    const text = by === null ? member : lookUp(call, by, member)
    return { member, text, score: isAlpha || text === null ? 0 : scoreOf(text) }
  })
  const compare = isAlpha ? byText : byScore
  weighed.sort(isDescending ? (a, b) => -compare(a, b) : compare)
  return weighed.map(({ member }) => member)
}

function byText(a: Weighed, b: Weighed): number {
  if (a.text === null || b.text === null) return a.text === b.text ? 0 : a.text === null ? -1 : 1
  return a.text < b.text ? -1 : a.text > b.text ? 1 : 0
}

function byScore(a: Weighed, b: Weighed): number {
  if (a.score !== b.score) return a.score < b.score ? -1 : 1
  return a.member < b.member ? -1 : a.member > b.member ? 1 : 0
}

function scoreOf(text: string): number {
  if (text === '') return 0
  return floatOf(text.replace(/^[ \t\n\v\f\r]+/, ''), "ERR One or more scores can't be converted into double")
}

/** The value of `prefix*postfix` or `prefix*postfix->field` with the member for the star; `#`: the member. */
function lookUp(call: Call, pattern: string, member: string): string | null {
  if (pattern === '#') return member
  const star = pattern.indexOf('*')
  if (star === -1) return null
  const arrow = pattern.indexOf('->', star + 1)
  const hasField = arrow !== -1 && arrow + 2 < pattern.length
  const postfix = pattern.slice(star + 1, hasField ? arrow : undefined)
  const value = call.db.get(pattern.slice(0, star) + member + postfix)
  if (hasField) return value instanceof HashValue ? (value.get(pattern.slice(arrow + 2)) ?? null) : null
  return typeof value === 'string' ? value : null
}

function sortKeys(args: readonly string[]): readonly string[] {
  const keys = [args[1] as string]
  for (let at = 2; at < args.length - 1; at++) {
    const option = (args[at] as string).toUpperCase()
    if (option === 'LIMIT') at += 2
    else if (option === 'BY' || option === 'GET') at++
    else if (option === 'STORE') keys[1] = args[++at] as string
  }
  return keys
}
