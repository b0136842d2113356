import { MemberIndex } from './member-index.ts'

/** Redis' hash-max-listpack-entries and -value: beyond either, OBJECT ENCODING says hashtable, and stays with it. */
const LISTPACK_ENTRIES = 512
const LISTPACK_BYTES = 64

/** Fields to values, in the order in which the fields came. */
export class HashValue {
  readonly #fields = new Map<string, string>()
  #isTable = false
  /** Built when a large hash is first walked or asked for a field by chance. */
  #index: MemberIndex | null = null

  /** @param pairs each field with its value, for loading. */
  constructor(pairs: Iterable<readonly [string, string]> = []) {
    for (const [field, value] of pairs) this.set(field, value)
  }

  get size(): number {
    return this.#fields.size
  }
  get(field: string): string | undefined {
    return this.#fields.get(field)
  }
  has(field: string): boolean {
    return this.#fields.has(field)
  }

  /** Whether the field is new. */
  set(field: string, value: string): boolean {
    const before = this.#fields.size
    this.#fields.set(field, value)
    if (!this.#isTable && (field.length > LISTPACK_BYTES || value.length > LISTPACK_BYTES)) this.#isTable = true
    const after = this.#fields.size
    if (after === before) return false
    if (after > LISTPACK_ENTRIES) this.#isTable = true
    if (this.#index !== null) this.#index.add(field)
    return true
  }

  /** Whether it was there. */
  delete(field: string): boolean {
    if (!this.#fields.delete(field)) return false
    if (this.#index !== null) this.#index.remove(field)
    return true
  }

  entries(): IterableIterator<[string, string]> {
    return this.#fields.entries()
  }
  fields(): IterableIterator<string> {
    return this.#fields.keys()
  }
  values(): IterableIterator<string> {
    return this.#fields.values()
  }

  /** @param chance in [0, 1). The hash is not empty. */
  pick(chance: number): string {
    return this.#indexed().pick(chance)
  }

  /** Puts fields into `into`; a small hash comes at once. @param cursor 0: from the beginning. @returns 0: that was all. */
  walk(cursor: number, count: number, into: string[]): number {
    if (this.#isTable) return this.#indexed().walk(cursor, count, into)
    for (const field of this.#fields.keys()) into.push(field)
    return 0
  }

  encoding(): 'listpack' | 'hashtable' {
    return this.#isTable ? 'hashtable' : 'listpack'
  }

  /** About how many bytes it takes, from its first members. */
  estimateBytes(): number {
    let seen = 0
    let bytes = 0
    for (const [field, value] of this.#fields) {
      bytes += field.length + value.length
      if (++seen === 16) break
    }
    return 64 + Math.round((bytes / Math.max(seen, 1) + (this.#isTable ? 72 : 4)) * this.#fields.size)
  }

  copy(): HashValue {
    const copy = new HashValue(this.#fields)
    copy.#isTable = this.#isTable
    return copy
  }

  #indexed(): MemberIndex {
    this.#index ??= new MemberIndex(this.#fields.keys())
    return this.#index
  }
}
