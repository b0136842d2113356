import { IDLE_ENDS_PER_CYCLE, STARTS_PER_CYCLE } from './limits.ts'
import type { PartitionLog, PartitionLogs } from './partition-log.ts'

/**
 * Which partitions to ask for their end and their start in one refresh. Those that a group reads or somebody looks at
 * get their end every time; the others, and the starts, go in turns where there are too many.
 */
export class Turns {
  #idleFrom = 0
  #startsFrom = 0

  ends(logs: PartitionLogs, read: ReadonlySet<PartitionLog>): readonly PartitionLog[] {
    const idle: PartitionLog[] = []
    for (const log of logs.all()) if (!read.has(log)) idle.push(log)
    const { taken, next } = window(idle, this.#idleFrom, IDLE_ENDS_PER_CYCLE)
    this.#idleFrom = next
    return [...read, ...taken]
  }

  /** Partitions that a group reads first: where records are lost unread must be seen soon. */
  starts(logs: PartitionLogs, read: ReadonlySet<PartitionLog>): readonly PartitionLog[] {
    const oldest = [...read].sort((a, b) => a.startReadMs - b.startReadMs).slice(0, STARTS_PER_CYCLE)
    const idle: PartitionLog[] = []
    for (const log of logs.all()) if (!read.has(log)) idle.push(log)
    // A few places are always left for the others.
    const places = Math.max(STARTS_PER_CYCLE - oldest.length, STARTS_PER_CYCLE / 4)
    const { taken, next } = window(idle, this.#startsFrom, places)
    this.#startsFrom = next
    return [...oldest, ...taken]
  }
}

/** `most` elements from a place on, around the end; and the place to go on from. */
function window<T>(
  list: readonly T[],
  from: number,
  most: number,
): { readonly taken: readonly T[]; readonly next: number } {
  if (list.length <= most) return { taken: list, next: 0 }
  const start = from % list.length
  const taken = list.slice(start, start + most)
  if (taken.length < most) taken.push(...list.slice(0, most - taken.length))
  return { taken, next: (start + most) % list.length }
}
