import type { Clock } from '../../domain/clock.ts'
import { asObject, asText } from './json.ts'
import type { Management } from './management.ts'
import type { Overview } from './overview.ts'
import type { QueueName } from './prometheus.ts'
import { keyOf } from './topology.ts'

/** More than this are left as the broker counts them: reading is bounded. */
const STREAMS_MAX = 10
const CONNECTIONS_MAX = 2_000
const TIME_MS_MAX = 500

/**
 * Readers that are really there, by key of the stream. Up to 4.0 a reader that left without `basic.cancel` stays
 * among the consumers (over 90 s on 3.10.8), so each is matched with the connections that live. Streams left out are
 * to be taken as counted.
 */
export async function readStreamReaders(
  management: Management,
  {
    streams,
    overview,
    clock,
    signal,
  }: {
    readonly streams: readonly QueueName[]
    readonly overview: Overview
    readonly clock: Clock
    readonly signal: AbortSignal
  },
): Promise<ReadonlyMap<string, number>> {
  const readers = new Map<string, number>()
  if (streams.length === 0 || !keepsGhosts(overview) || (overview.connections ?? CONNECTIONS_MAX) >= CONNECTIONS_MAX) {
    return readers
  }
  const startMs = clock.monotonicMs()
  const live = await management.connectionNames(signal)
  for (const { vhost, name } of streams.slice(0, STREAMS_MAX)) {
    if (clock.monotonicMs() - startMs > TIME_MS_MAX) break
    const consumers = await management.consumersOf(vhost, name, signal)
    if (consumers) readers.set(keyOf(vhost, name), consumers.filter((one) => live.has(connectionOf(one) ?? '')).length)
  }
  return readers
}

function keepsGhosts({ product, version }: Overview): boolean {
  const [major = 0, minor = 0] = (version ?? '').split('.').map(Number)
  return product === 'rabbitmq' && (major < 4 || (major === 4 && minor < 3))
}

function connectionOf(consumer: Readonly<Record<string, unknown>>): string | null {
  return asText(asObject(consumer.channel_details)?.connection_name)
}
