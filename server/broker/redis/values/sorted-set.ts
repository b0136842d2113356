import { MemberIndex } from './member-index.ts'
import { ScoreOrder } from './score-order.ts'

/** Redis' zset-max-listpack-entries and -value: beyond either, OBJECT ENCODING says skiplist, and stays with it. */
const LISTPACK_ENTRIES = 128
const LISTPACK_BYTES = 64

/** Members with scores, in the order of score and then bytes. A rank counts from 0 in that order. */
export class SortedSetValue {
  readonly #scores: Map<string, number>
  readonly #order: ScoreOrder
  #isSkiplist = false
  /** Built when a large sorted set is first walked. */
  #index: MemberIndex | null = null

  /** @param pairs each member once, with its score, in any order: for loading. */
  constructor(pairs: Iterable<readonly [string, number]> = []) {
    this.#scores = new Map(pairs)
    this.#isSkiplist = this.#scores.size > LISTPACK_ENTRIES || this.#hasLongMember()
    if (!this.#isSkiplist) for (const [member, score] of this.#scores) if (score === 0) this.#scores.set(member, 0)
    this.#order = new ScoreOrder(this.#scores)
  }

  get size(): number {
    return this.#scores.size
  }
  score(member: string): number | undefined {
    return this.#scores.get(member)
  }
  has(member: string): boolean {
    return this.#scores.has(member)
  }

  /** Adds the member, or gives it another score. NaN is no score. A listpack knows no −0, as in Redis. */
  set(member: string, given: number): void {
    const before = this.#scores.get(member)
    if (before === undefined && (this.#scores.size >= LISTPACK_ENTRIES || member.length > LISTPACK_BYTES)) {
      this.#isSkiplist = true
    }
    const score = given === 0 && !this.#isSkiplist ? 0 : given
    this.#scores.set(member, score)
    if (before === undefined) {
      if (this.#index !== null) this.#index.add(member)
    } else {
      this.#order.remove(before, member)
    }
    this.#order.insert(score, member)
  }

  /** Whether it was there. */
  delete(member: string): boolean {
    const score = this.#scores.get(member)
    if (score === undefined) return false
    this.#scores.delete(member)
    this.#order.remove(score, member)
    if (this.#index !== null) this.#index.remove(member)
    return true
  }

  /** Removes `count` members from a rank on. @returns them, in order */
  deleteRanks(start: number, count: number): readonly string[] {
    const members: string[] = []
    this.#order.take(start, count, members, null)
    this.#order.removeRanks(start, count)
    for (const member of members) {
      this.#scores.delete(member)
      if (this.#index !== null) this.#index.remove(member)
    }
    return members
  }

  rank(member: string): number | undefined {
    const score = this.#scores.get(member)
    return score === undefined ? undefined : this.#order.rankOf(score, member)
  }

  /** How many members have a lower score, or with `orEqual` one that is not higher: the rank where others begin. */
  countBelow(score: number, orEqual: boolean): number {
    return this.#order.countBelow(score, orEqual)
  }

  /** The same by the members' bytes; tells something only when all scores are equal. */
  countBefore(member: string, orEqual: boolean): number {
    return this.#order.countBefore(member, orEqual)
  }

  /** Puts `count` members from a rank on into `members`, and their scores into `scores` unless that is null. */
  take(start: number, count: number, members: string[], scores: number[] | null): void {
    this.#order.take(start, count, members, scores)
  }

  /** Members with scores, in order. */
  entries(): IterableIterator<[string, number]> {
    return this.#order.entries()
  }

  /** Puts members into `into`; a small sorted set comes at once, in order. @param cursor 0: from the beginning. @returns 0: that was all. */
  walk(cursor: number, count: number, into: string[]): number {
    if (this.#isSkiplist) {
      this.#index ??= new MemberIndex(this.#scores.keys())
      return this.#index.walk(cursor, count, into)
    }
    this.#order.take(0, this.#scores.size, into, null)
    return 0
  }

  encoding(): 'listpack' | 'skiplist' {
    return this.#isSkiplist ? 'skiplist' : 'listpack'
  }

  /** About how many bytes it takes, from its first members. */
  estimateBytes(): number {
    let seen = 0
    let bytes = 0
    for (const member of this.#scores.keys()) {
      bytes += member.length
      if (++seen === 16) break
    }
    return 64 + Math.round((bytes / Math.max(seen, 1) + (this.#isSkiplist ? 80 : 12)) * this.#scores.size)
  }

  copy(): SortedSetValue {
    const copy = new SortedSetValue(this.#scores)
    copy.#isSkiplist = this.#isSkiplist
    return copy
  }

  #hasLongMember(): boolean {
    for (const member of this.#scores.keys()) if (member.length > LISTPACK_BYTES) return true
    return false
  }
}
