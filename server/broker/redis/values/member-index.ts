/**
 * The members of a large collection in an array: one by chance in O(1), and a walk that can be resumed with a number alone (SSCAN, HSCAN,
 * ZSCAN). The walk goes from the end to the start, and its cursor is how many members are still before it. The place of a removed member
 * is taken by the last one, so members only ever move towards the start: whoever is there during the whole walk is met at least once,
 * perhaps twice, and members added meanwhile come after the cursor, so every walk ends. Redis promises the same.
 */
export class MemberIndex {
  readonly #members: string[]
  readonly #places = new Map<string, number>()

  constructor(members: Iterable<string>) {
    this.#members = [...members]
    for (let i = 0; i < this.#members.length; i++) this.#places.set(this.#members[i] as string, i)
  }

  /** The member is not there yet. */
  add(member: string): void {
    this.#places.set(member, this.#members.length)
    this.#members.push(member)
  }

  remove(member: string): void {
    const place = this.#places.get(member)
    if (place === undefined) return
    this.#places.delete(member)
    const last = this.#members.pop() as string
    if (last === member) return
    this.#members[place] = last
    this.#places.set(last, place)
  }

  /** @param chance in [0, 1). There is at least one member. */
  pick(chance: number): string {
    return this.#members[Math.floor(chance * this.#members.length)] as string
  }

  /** Puts up to `count` members into `into`. @param cursor 0: from the beginning. @returns the cursor to go on with; 0: that was all. */
  walk(cursor: number, count: number, into: string[]): number {
    let before = cursor === 0 ? this.#members.length : Math.min(cursor, this.#members.length)
    for (let left = count; left > 0 && before > 0; left--) into.push(this.#members[--before] as string)
    return before
  }
}
