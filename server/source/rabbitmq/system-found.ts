import type { QueueFigure } from '../../domain/queue.ts'
import type { SystemFound } from '../../domain/snapshot.ts'

/** The system's name of a queue type: `rabbitmq-classic`, `rabbitmq-quorum`, `rabbitmq-stream`, or a plug-in's. */
export function systemOf(type: string): string {
  return `rabbitmq-${type.toLowerCase().replace(/[^a-z0-9]+/g, '-')}`
}

const EVERYWHERE: Partial<Record<QueueFigure, string>> = {
  failed: 'RabbitMQ does not count failures: a message that failed is redelivered or dead-lettered',
  delayed: 'Known when retry queues (TTL, dead-lettered back) serve the queue; what a plug-in delays is not counted',
  dead: 'Known when a dead-letter queue serves this queue alone',
}

const RETRYING_IN_HEADERS = 'How often a message was tried stands only in its headers'
const NO_TIMESTAMP = 'The broker does not tell an age; estimated once the queue was seen empty or turned over'

/** What the queues of one type never tell, on this version. */
export function systemFound(type: string, version: string | null): SystemFound {
  const name = systemOf(type)
  if (type === 'stream') return { name, version, cannotTell: {} }
  if (type === 'quorum') {
    const tellsReturned = version !== null && majorOf(version) >= 4
    const retrying = tellsReturned ? {} : { retrying: RETRYING_IN_HEADERS }
    return { name, version, cannotTell: { ...EVERYWHERE, ...retrying, oldestAgeMs: NO_TIMESTAMP } }
  }
  const oldestAgeMs = `${NO_TIMESTAMP}, or when publishers set a timestamp`
  return { name, version, cannotTell: { ...EVERYWHERE, retrying: RETRYING_IN_HEADERS, oldestAgeMs } }
}

/** `4.0.5` → 4; 0 when it is no version. */
export function majorOf(version: string): number {
  const major = Number.parseInt(version, 10)
  return Number.isFinite(major) ? major : 0
}
