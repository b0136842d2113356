import { messageOf, OpsError } from '../../domain/errors.ts'
import { fetch } from '../../wire/kafka/messages/fetch.ts'
import { recordTimeAt } from '../../wire/kafka/record-batch.ts'
import type { Cluster } from './cluster.ts'
import { type Gaps, isMoved, kafkaError } from './gaps.ts'
import { FETCH_BYTES_HEAVY, FETCHES_PER_CYCLE, FETCHES_PER_CYCLE_HEAVY, REFUSED_MS } from './limits.ts'
import { noteTime } from './partition-log.ts'
import type { Sought } from './positions.ts'

const WHAT = 'lag in time of partitions far behind'

interface Context {
  readonly cluster: Cluster
  readonly gaps: Gaps
  readonly monotonicMs: () => number
}

/**
 * Looks up when records were written, for the worst lags that the table of ends does not reach: one small Fetch each,
 * because only the first partition of a request is sure to get a batch. A batch comes whole (up to 1 MiB as a rule), so
 * after a heavy refresh the next one looks up fewer.
 */
export class RecordTimes {
  #isHeavy = false
  /** Topics that we may not read, and until when (monotonic) that is believed. */
  readonly #refused = new Map<string, { readonly error: OpsError; readonly untilMs: number }>()

  async lookUp(sought: readonly Sought[], { cluster, gaps, monotonicMs }: Context): Promise<void> {
    for (const [topic, { untilMs }] of this.#refused) if (monotonicMs() > untilMs) this.#refused.delete(topic)
    const most = this.#isHeavy ? FETCHES_PER_CYCLE_HEAVY : FETCHES_PER_CYCLE
    const before = cluster.meter.bytesRead
    const worst = distinct(sought)
      .filter(({ log }) => !this.#refused.has(log.topic))
      .sort((a, b) => b.lag - a.lag)
      .slice(0, most)
    await Promise.all(worst.map((each) => this.#lookUpOne(each, { cluster, gaps, monotonicMs })))
    this.#isHeavy = cluster.meter.bytesRead - before > FETCH_BYTES_HEAVY
    for (const { error } of this.#refused.values()) gaps.note(WHAT, error, { name: 'topics', count: 1 })
  }

  async #lookUpOne({ log, offset }: Sought, { cluster, gaps, monotonicMs }: Context): Promise<void> {
    if (log.leader === null) return
    const partition = { partition: log.partition, fetchOffset: offset, partitionMaxBytes: 1 }
    try {
      const answer = await cluster.ask(log.leader, fetch, {
        maxWaitMs: 0,
        minBytes: 0,
        maxBytes: 1,
        topics: [{ topic: log.topic, partitions: [partition] }],
      })
      const said = answer.responses[0]?.partitions[0]
      const code = answer.errorCode || (said?.errorCode ?? 0)
      if (isMoved(code)) cluster.metadataIsStale()
      if (code !== 0) throw kafkaError(code, 'Fetch')
      noteTime(log, offset, said?.records ? timeIn(said.records, offset) : null)
    } catch (thrown) {
      const error = thrown instanceof OpsError ? thrown : new OpsError('malformed', 'Fetch', messageOf(thrown), thrown)
      if (error.code === 'refused') {
        this.#refused.set(log.topic, { error, untilMs: monotonicMs() + REFUSED_MS })
        return
      }
      // It would fail at the next refresh too: remember, so that another partition gets its turn.
      if (error.code === 'malformed') noteTime(log, offset, null)
      gaps.note(WHAT, error, { name: 'partitions', count: 1 })
    }
  }
}

function timeIn(records: Uint8Array, offset: number) {
  try {
    return recordTimeAt(records, offset)
  } catch (thrown) {
    throw new OpsError('malformed', 'Fetch', messageOf(thrown), thrown)
  }
}

/** Groups that stand at the same place share the answer. */
function distinct(sought: readonly Sought[]): Sought[] {
  const seen = new Map<string, Sought>()
  for (const each of sought) seen.set(`${each.log.topic}\n${each.log.partition}\n${each.offset}`, each)
  return [...seen.values()]
}
