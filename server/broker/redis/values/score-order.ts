import { PrefixSums } from './prefix-sums.ts'

/** A block is split in two when it is longer. Measured with 1 million members: 128, 256 and 512 differ by no more than two runs of one do. */
const BLOCK_MAX = 256

/** A run of neighbours; never empty, except the only one. */
class Block {
  readonly scores: number[]
  readonly members: string[]
  constructor(scores: number[], members: string[]) {
    this.scores = scores
    this.members = members
  }
}

/**
 * Members in the order of score and then bytes, in a row of short sorted blocks: a search is binary over the blocks and then within one, an
 * insertion moves at most one block's worth of members, and a rank is the sum of the lengths of the blocks before and a place within one.
 */
export class ScoreOrder {
  #blocks: Block[] = [new Block([], [])]
  /** The lengths of the blocks; null when blocks came or went since it was last asked for. */
  #lengths: PrefixSums | null = null

  /** @param pairs each member once, in any order. */
  constructor(pairs: Iterable<readonly [string, number]>) {
    const sorted = [...pairs].sort(comparePairs)
    if (sorted.length === 0) return
    const half = BLOCK_MAX / 2
    this.#blocks = []
    for (let start = 0; start < sorted.length; start += half) {
      const scores: number[] = []
      const members: string[] = []
      for (let i = start; i < Math.min(start + half, sorted.length); i++) {
        const pair = sorted[i] as readonly [string, number]
        members.push(pair[0])
        scores.push(pair[1])
      }
      this.#blocks.push(new Block(scores, members))
    }
  }

  /** The pair is not there yet. */
  insert(score: number, member: string): void {
    const isLess = isBefore(score, member)
    const number = this.#blockOf(isLess)
    const block = this.#blocks[number] as Block
    const place = placeIn(block, isLess)
    if (place === block.members.length) {
      block.scores.push(score)
      block.members.push(member)
    } else {
      block.scores.splice(place, 0, score)
      block.members.splice(place, 0, member)
    }
    if (this.#lengths !== null) this.#lengths.add(number, 1)
    if (block.members.length > BLOCK_MAX) this.#split(number, block)
  }

  /** The pair is there. */
  remove(score: number, member: string): void {
    const isLess = isBefore(score, member)
    const number = this.#blockOf(isLess)
    const block = this.#blocks[number] as Block
    const place = placeIn(block, isLess)
    if (place === 0) {
      block.scores.shift()
      block.members.shift()
    } else {
      block.scores.splice(place, 1)
      block.members.splice(place, 1)
    }
    if (this.#lengths !== null) this.#lengths.add(number, -1)
    if (block.members.length > 0 || this.#blocks.length === 1) return
    this.#blocks.splice(number, 1)
    this.#lengths = null
  }

  removeRanks(start: number, count: number): void {
    const number = this.#blockAt(start)
    let place = start - this.#lengthBefore(number)
    const first = place === 0 ? number : number + 1
    let last = number
    for (let left = count; left > 0 && last < this.#blocks.length; ) {
      const block = this.#blocks[last] as Block
      const here = Math.min(left, block.members.length - place)
      block.scores.splice(place, here)
      block.members.splice(place, here)
      if (this.#lengths !== null) this.#lengths.add(last, -here)
      left -= here
      place = 0
      if (left > 0 || block.members.length === 0) last++
    }
    if (last <= first) return
    this.#blocks.splice(first, last - first)
    if (this.#blocks.length === 0) this.#blocks.push(new Block([], []))
    this.#lengths = null
  }

  rankOf(score: number, member: string): number {
    return this.#countWhile(isBefore(score, member))
  }

  countBelow(score: number, orEqual: boolean): number {
    return this.#countWhile(({ scores }, place) => {
      const here = scores[place] as number
      return here < score || (orEqual && here === score)
    })
  }

  countBefore(member: string, orEqual: boolean): number {
    return this.#countWhile(({ members }, place) => {
      const here = members[place] as string
      return here < member || (orEqual && here === member)
    })
  }

  take(start: number, count: number, members: string[], scores: number[] | null): void {
    let number = this.#blockAt(start)
    let place = start - this.#lengthBefore(number)
    for (let left = count; left > 0 && number < this.#blocks.length; number++) {
      const block = this.#blocks[number] as Block
      const end = Math.min(place + left, block.members.length)
      left -= end - place
      for (; place < end; place++) {
        members.push(block.members[place] as string)
        if (scores !== null) scores.push(block.scores[place] as number)
      }
      place = 0
    }
  }

  *entries(): IterableIterator<[string, number]> {
    for (const { members, scores } of this.#blocks) {
      for (let i = 0; i < members.length; i++) yield [members[i] as string, scores[i] as number]
    }
  }

  #lengthBefore(number: number): number {
    return number === 0 ? 0 : this.#sums().sumOf(number)
  }

  /** The block that holds this rank; one past the last when none does. */
  #blockAt(rank: number): number {
    if (rank < (this.#blocks[0] as Block).members.length) return 0
    return this.#sums().placeOf(rank)
  }

  #sums(): PrefixSums {
    this.#lengths ??= new PrefixSums(this.#blocks.map((block) => block.members.length))
    return this.#lengths
  }

  /** How many pairs come before the first of which it is false. */
  #countWhile(isLess: Test): number {
    const number = this.#blockOf(isLess)
    return this.#lengthBefore(number) + placeIn(this.#blocks[number] as Block, isLess)
  }

  /** The first block of whose last pair it is false; the last block when there is none. */
  #blockOf(isLess: Test): number {
    let low = 0
    let high = this.#blocks.length - 1
    while (low < high) {
      const middle = (low + high) >> 1
      const block = this.#blocks[middle] as Block
      if (isLess(block, block.members.length - 1)) low = middle + 1
      else high = middle
    }
    return low
  }

  /** Almost always members come at the end (times as scores): then the full block is left as it is and a short one begun. */
  #split(number: number, block: Block): void {
    const isLast = number === this.#blocks.length - 1
    const at = isLast ? BLOCK_MAX - 16 : BLOCK_MAX / 2
    const rest = new Block(block.scores.splice(at), block.members.splice(at))
    this.#blocks.splice(number + 1, 0, rest)
    this.#lengths = null
  }
}

/** Of the pair at a place of a block: true up to some pair, false from there on. */
type Test = (block: Block, place: number) => boolean

function isBefore(score: number, member: string): Test {
  return ({ scores, members }, place) => {
    const here = scores[place] as number
    return here < score || (here === score && (members[place] as string) < member)
  }
}

/** The first place of the block of which it is false. */
function placeIn(block: Block, isLess: Test): number {
  let low = 0
  let high = block.members.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (isLess(block, middle)) low = middle + 1
    else high = middle
  }
  return low
}

function comparePairs(a: readonly [string, number], b: readonly [string, number]): number {
  return a[1] - b[1] || (a[0] < b[0] ? -1 : 1)
}
