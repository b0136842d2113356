import { compareIntegers, isInteger64 } from './integers.ts'
import { MemberIndex } from './member-index.ts'

/** Redis' set-max-intset-entries: a set of more integers, or of one other member, is a hashtable, and stays one. */
const INTSET_ENTRIES = 512

/** Members in the order in which they came; a small set of integers in the order of the numbers, as Redis has it. */
export class SetValue {
  readonly #members = new Set<string>()
  #isTable = false
  /** The members of an intset in order, until it changes. */
  #sorted: readonly string[] | null = null
  /** Built when a large set is first walked or asked for a member by chance. */
  #index: MemberIndex | null = null

  /** @param members for loading. */
  constructor(members: Iterable<string> = []) {
    for (const member of members) this.add(member)
  }

  get size(): number {
    return this.#members.size
  }
  has(member: string): boolean {
    return this.#members.has(member)
  }

  /** Whether it is new. */
  add(member: string): boolean {
    const before = this.#members.size
    const after = this.#members.add(member).size
    if (after === before) return false
    if (this.#isTable) {
      if (this.#index !== null) this.#index.add(member)
      return true
    }
    this.#sorted = null
    this.#isTable = after > INTSET_ENTRIES || !isInteger64(member)
    return true
  }

  /** Whether it was there. */
  delete(member: string): boolean {
    if (!this.#members.delete(member)) return false
    this.#sorted = null
    if (this.#index !== null) this.#index.remove(member)
    return true
  }

  members(): Iterable<string> {
    return this.#isTable ? this.#members : this.#inOrder()
  }

  toArray(): readonly string[] {
    return this.#isTable ? [...this.#members] : this.#inOrder()
  }

  /** @param chance in [0, 1). The set is not empty. */
  pick(chance: number): string {
    if (this.#isTable) return this.#indexed().pick(chance)
    const sorted = this.#inOrder()
    return sorted[Math.floor(chance * sorted.length)] as string
  }

  /** Puts members into `into`; an intset comes at once. @param cursor 0: from the beginning. @returns 0: that was all. */
  walk(cursor: number, count: number, into: string[]): number {
    if (this.#isTable) return this.#indexed().walk(cursor, count, into)
    for (const member of this.#inOrder()) into.push(member)
    return 0
  }

  encoding(): 'intset' | 'hashtable' {
    return this.#isTable ? 'hashtable' : 'intset'
  }

  /** About how many bytes it takes, from its first members. */
  estimateBytes(): number {
    if (!this.#isTable) return 64 + 8 * this.#members.size
    let seen = 0
    let bytes = 0
    for (const member of this.#members) {
      bytes += member.length
      if (++seen === 16) break
    }
    return 64 + Math.round((bytes / Math.max(seen, 1) + 40) * this.#members.size)
  }

  copy(): SetValue {
    const copy = new SetValue(this.#members)
    copy.#isTable = this.#isTable
    return copy
  }

  #inOrder(): readonly string[] {
    this.#sorted ??= [...this.#members].sort(compareIntegers)
    return this.#sorted
  }

  #indexed(): MemberIndex {
    this.#index ??= new MemberIndex(this.#members)
    return this.#index
  }
}
