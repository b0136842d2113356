import { integerOf, parseDouble } from './arguments.ts'
import { ErrorReply } from './reply.ts'
import type { SortedSetValue } from './values/sorted-set.ts'

const BAD_SCORE = 'ERR min or max is not a float'
const BAD_MEMBER = 'ERR min or max not valid string range item'

export type RangeKind = 'rank' | 'score' | 'lex'

/** What the two ends of a range say, before there is a sorted set to look at. */
export interface Bounds {
  /** Ranks from `start` to `end`, `end` not included. */
  ranksIn(zset: SortedSetValue): { readonly start: number; readonly end: number }
}

/** @param isReverse ranks count from the highest; scores and members are already given lowest first */
export function parseBounds(kind: RangeKind, min: string, max: string, isReverse: boolean): Bounds {
  if (kind === 'rank') return new RankBounds(integerOf(min), integerOf(max), isReverse)
  if (kind === 'score') return new ScoreBounds(scoreBound(min), scoreBound(max))
  return new MemberBounds(memberBound(min), memberBound(max))
}

class RankBounds implements Bounds {
  readonly #start: number
  readonly #end: number
  readonly #isReverse: boolean
  constructor(start: number, end: number, isReverse: boolean) {
    this.#start = start
    this.#end = end
    this.#isReverse = isReverse
  }
  ranksIn({ size }: SortedSetValue): { start: number; end: number } {
    const first = Math.max(this.#start < 0 ? this.#start + size : this.#start, 0)
    const last = Math.min(this.#end < 0 ? this.#end + size : this.#end, size - 1)
    if (first > last) return { start: 0, end: 0 }
    return this.#isReverse ? { start: size - 1 - last, end: size - first } : { start: first, end: last + 1 }
  }
}

interface ScoreBound {
  readonly score: number
  readonly isExclusive: boolean
}

/** As C's strtod reads it: nothing at all is 0, blanks before a number are skipped. */
function scoreBound(text: string): ScoreBound {
  const isExclusive = text.startsWith('(')
  const given = isExclusive ? text.slice(1) : text
  const score = given === '' ? 0 : parseDouble(given.replace(/^[ \t-\r]+/, ''))
  if (Number.isNaN(score)) throw new ErrorReply(BAD_SCORE)
  return { score, isExclusive }
}

class ScoreBounds implements Bounds {
  readonly #min: ScoreBound
  readonly #max: ScoreBound
  constructor(min: ScoreBound, max: ScoreBound) {
    this.#min = min
    this.#max = max
  }
  ranksIn(zset: SortedSetValue): { start: number; end: number } {
    const { score: min } = this.#min
    const { score: max } = this.#max
    const start = min === -Infinity && !this.#min.isExclusive ? 0 : zset.countBelow(min, this.#min.isExclusive)
    const end = max === Infinity && !this.#max.isExclusive ? zset.size : zset.countBelow(max, !this.#max.isExclusive)
    return { start, end }
  }
}

interface MemberBound {
  /** Null: before all, or after all. */
  readonly member: string | null
  readonly isBeforeAll: boolean
  readonly isExclusive: boolean
}

function memberBound(text: string): MemberBound {
  if (text === '-' || text === '+') return { member: null, isBeforeAll: text === '-', isExclusive: false }
  if (!text.startsWith('[') && !text.startsWith('(')) throw new ErrorReply(BAD_MEMBER)
  return { member: text.slice(1), isBeforeAll: false, isExclusive: text.startsWith('(') }
}

class MemberBounds implements Bounds {
  readonly #min: MemberBound
  readonly #max: MemberBound
  constructor(min: MemberBound, max: MemberBound) {
    this.#min = min
    this.#max = max
  }
  ranksIn(zset: SortedSetValue): { start: number; end: number } {
    return { start: rankOfBound(zset, this.#min, true), end: rankOfBound(zset, this.#max, false) }
  }
}

function rankOfBound(zset: SortedSetValue, bound: MemberBound, isMin: boolean): number {
  if (bound.member === null) return bound.isBeforeAll ? 0 : zset.size
  return zset.countBefore(bound.member, bound.isExclusive === isMin)
}
