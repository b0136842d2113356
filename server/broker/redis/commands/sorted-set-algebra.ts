import { floatOf, integerFrom, integerOf, SYNTAX, WRONG_TYPE } from '../arguments.ts'
import type { Call, Command } from '../command.ts'
import { countedKeys } from '../counted-keys.ts'
import type { Db } from '../db.ts'
import { ErrorReply, type Reply } from '../reply.ts'
import { scoredReply } from '../scored-reply.ts'
import { ScoreOrder } from '../values/score-order.ts'
import { SetValue } from '../values/set.ts'
import { SortedSetValue } from '../values/sorted-set.ts'

export const sortedSetAlgebra: readonly Command[] = [
  { name: 'zinter', arity: -3, flags: ['readonly'], keys: [0, 0, 0], keysOf: readKeys, run: zinter },
  { name: 'zunion', arity: -3, flags: ['readonly'], keys: [0, 0, 0], keysOf: readKeys, run: zunion },
  { name: 'zdiff', arity: -3, flags: ['readonly'], keys: [0, 0, 0], keysOf: readKeys, run: zdiff },
  { name: 'zintercard', arity: -3, flags: ['readonly'], keys: [0, 0, 0], keysOf: readKeys, run: zintercard },
  { name: 'zinterstore', arity: -4, flags: ['write', 'denyoom'], keys: [1, 1, 1], keysOf: storeKeys, run: zinterstore },
  { name: 'zunionstore', arity: -4, flags: ['write', 'denyoom'], keys: [1, 1, 1], keysOf: storeKeys, run: zunionstore },
  { name: 'zdiffstore', arity: -4, flags: ['write', 'denyoom'], keys: [1, 1, 1], keysOf: storeKeys, run: zdiffstore },
]

function readKeys(args: readonly string[]): readonly string[] {
  return countedKeys(args, 1)
}
function storeKeys(args: readonly string[]): readonly string[] {
  return [args[1] as string, ...countedKeys(args, 2)]
}

type Operation = 'inter' | 'union' | 'diff'
type Aggregate = 'SUM' | 'MIN' | 'MAX'

/** A sorted set, or a set whose members all have score 1, or nothing. */
interface Source {
  readonly value: SortedSetValue | SetValue | undefined
  weight: number
}

interface Query {
  readonly sources: Source[]
  aggregate: Aggregate
  isWithScores: boolean
  /** 0: none. */
  limit: number
}

/** Where a command's words are allowed. */
interface Form {
  readonly command: string
  readonly operation: Operation
  /** Where the number of keys is. */
  readonly place: 1 | 2
  readonly isCard: boolean
}

function parseQuery(db: Db, args: readonly string[], form: Form): Query {
  const count = integerOf(args[form.place] as string)
  if (count < 1) throw new ErrorReply(`ERR at least 1 input key is needed for '${form.command}' command`)
  const end = form.place + 1 + count
  if (end > args.length) throw new ErrorReply(SYNTAX)
  const sources = args.slice(form.place + 1, end).map((key) => sourceAt(db, key))
  const query: Query = { sources, aggregate: 'SUM', isWithScores: false, limit: 0 }
  for (let i = end; i < args.length; ) i = parseOption(args, i, form, query)
  return query
}

/** @returns where the next option begins */
function parseOption(args: readonly string[], at: number, form: Form, query: Query): number {
  const word = (args[at] as string).toUpperCase()
  const isScored = form.operation !== 'diff' && !form.isCard
  const given = args[at + 1]
  if (word === 'WEIGHTS' && isScored && at + query.sources.length < args.length) {
    for (const [i, source] of query.sources.entries()) {
      source.weight = floatOf(args[at + 1 + i] as string, 'ERR weight value is not a float')
    }
    return at + 1 + query.sources.length
  }
  if (word === 'AGGREGATE' && isScored && given !== undefined) {
    const aggregate = given.toUpperCase()
    if (aggregate !== 'SUM' && aggregate !== 'MIN' && aggregate !== 'MAX') throw new ErrorReply(SYNTAX)
    query.aggregate = aggregate
    return at + 2
  }
  if (word === 'WITHSCORES' && form.place === 1 && !form.isCard) {
    query.isWithScores = true
    return at + 1
  }
  if (word === 'LIMIT' && form.isCard && given !== undefined) {
    query.limit = integerFrom(0, given, "ERR LIMIT can't be negative")
    return at + 2
  }
  throw new ErrorReply(SYNTAX)
}

function sourceAt(db: Db, key: string): Source {
  const value = db.get(key)
  if (value === undefined || value instanceof SortedSetValue || value instanceof SetValue) return { value, weight: 1 }
  throw new ErrorReply(WRONG_TYPE)
}

function* scoresOf({ value, weight }: Source): IterableIterator<[string, number]> {
  if (value instanceof SetValue) for (const member of value.members()) yield [member, orZero(weight)]
  else if (value !== undefined) for (const [member, score] of value.entries()) yield [member, orZero(weight * score)]
}

function scoreIn({ value, weight }: Source, member: string): number | undefined {
  if (value instanceof SetValue) return value.has(member) ? orZero(weight) : undefined
  const score = value?.score(member)
  return score === undefined ? undefined : orZero(weight * score)
}

/** 0 × ∞ and ∞ − ∞ count as 0. */
function orZero(score: number): number {
  return Number.isNaN(score) ? 0 : score
}

function aggregated(aggregate: Aggregate, a: number, b: number): number {
  if (aggregate === 'SUM') return orZero(a + b)
  return aggregate === 'MIN' ? Math.min(a, b) : Math.max(a, b)
}

function sizeOf({ value }: Source): number {
  return value?.size ?? 0
}

function result(operation: Operation, { sources, aggregate, limit }: Query): Map<string, number> {
  if (operation === 'diff') return difference(sources)
  const bySize = sources.toSorted((a, b) => sizeOf(a) - sizeOf(b))
  return operation === 'union' ? union(bySize, aggregate) : intersection(bySize, aggregate, limit)
}

function union(sources: readonly Source[], aggregate: Aggregate): Map<string, number> {
  const scores = new Map<string, number>()
  for (const source of sources) {
    for (const [member, score] of scoresOf(source)) {
      const before = scores.get(member)
      scores.set(member, before === undefined ? score : aggregated(aggregate, before, score))
    }
  }
  return scores
}

function intersection(sources: readonly Source[], aggregate: Aggregate, limit: number): Map<string, number> {
  const scores = new Map<string, number>()
  const [smallest, ...others] = sources
  if (smallest === undefined) return scores
  for (const [member, score] of scoresOf(smallest)) {
    let sum: number | undefined = score
    for (const other of others) {
      const more = scoreIn(other, member)
      sum = more === undefined ? undefined : aggregated(aggregate, sum, more)
      if (sum === undefined) break
    }
    if (sum === undefined) continue
    scores.set(member, sum)
    if (scores.size === limit) break
  }
  return scores
}

function difference([first, ...others]: readonly Source[]): Map<string, number> {
  const scores = new Map<string, number>()
  if (first === undefined) return scores
  for (const [member, score] of scoresOf(first)) {
    if (!others.some((other) => other.value?.has(member))) scores.set(member, score)
  }
  return scores
}

function answer(call: Call, args: readonly string[], form: Form): Reply {
  const query = parseQuery(call.db, args, form)
  const scores = result(form.operation, query)
  if (form.isCard) return scores.size
  const members: string[] = []
  const sorted: number[] = []
  new ScoreOrder(scores).take(0, scores.size, members, sorted)
  return query.isWithScores ? scoredReply(members, sorted, call.protocol) : members
}

function store({ db }: Call, args: readonly string[], form: Form): Reply {
  const key = args[1] as string
  const scores = result(form.operation, parseQuery(db, args, form))
  if (scores.size === 0) db.remove(key)
  else db.set(key, new SortedSetValue(scores), true)
  return scores.size
}

function zinter(call: Call, args: readonly string[]): Reply {
  return answer(call, args, { command: 'zinter', operation: 'inter', place: 1, isCard: false })
}
function zunion(call: Call, args: readonly string[]): Reply {
  return answer(call, args, { command: 'zunion', operation: 'union', place: 1, isCard: false })
}
function zdiff(call: Call, args: readonly string[]): Reply {
  return answer(call, args, { command: 'zdiff', operation: 'diff', place: 1, isCard: false })
}
function zintercard(call: Call, args: readonly string[]): Reply {
  return answer(call, args, { command: 'zintercard', operation: 'inter', place: 1, isCard: true })
}
function zinterstore(call: Call, args: readonly string[]): Reply {
  return store(call, args, { command: 'zinterstore', operation: 'inter', place: 2, isCard: false })
}
function zunionstore(call: Call, args: readonly string[]): Reply {
  return store(call, args, { command: 'zunionstore', operation: 'union', place: 2, isCard: false })
}
function zdiffstore(call: Call, args: readonly string[]): Reply {
  return store(call, args, { command: 'zdiffstore', operation: 'diff', place: 2, isCard: false })
}
