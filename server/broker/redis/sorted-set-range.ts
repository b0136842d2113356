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
  if (kind === 'rank') return rankBounds(integerOf(min), integerOf(max), isReverse)
  if (kind === 'score') return scoreBounds(scoreBound(min), scoreBound(max))
  return memberBounds(memberBound(min), memberBound(max))
}

function rankBounds(start: number, end: number, isReverse: boolean): Bounds {
  return {
    ranksIn({ size }) {
      const first = Math.max(start < 0 ? start + size : start, 0)
      const last = Math.min(end < 0 ? end + size : end, size - 1)
      if (first > last) return { start: 0, end: 0 }
      return isReverse ? { start: size - 1 - last, end: size - first } : { start: first, end: last + 1 }
    },
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

function scoreBounds(min: ScoreBound, max: ScoreBound): Bounds {
  return {
    ranksIn(zset) {
      const isFromFirst = min.score === -Infinity && !min.isExclusive
      const isToLast = max.score === Infinity && !max.isExclusive
      return {
        start: isFromFirst ? 0 : zset.countBelow(min.score, min.isExclusive),
        end: isToLast ? zset.size : zset.countBelow(max.score, !max.isExclusive),
      }
    },
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

function memberBounds(min: MemberBound, max: MemberBound): Bounds {
  return { ranksIn: (zset) => ({ start: rankOfBound(zset, min, true), end: rankOfBound(zset, max, false) }) }
}

function rankOfBound(zset: SortedSetValue, bound: MemberBound, isMin: boolean): number {
  if (bound.member === null) return bound.isBeforeAll ? 0 : zset.size
  return zset.countBefore(bound.member, bound.isExclusive === isMin)
}
