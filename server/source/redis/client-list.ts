import type { Worker } from '../../domain/worker.ts'
import { type BullmqQueue, bullmqQueue } from './bullmq-row.ts'

/** The connection on which a BullMQ worker waits for work. */
export interface BullmqWorker {
  readonly queue: BullmqQueue
  /** The name that the app gave the worker; null = none. */
  readonly name: string | null
  readonly address: string
  readonly ageMs: number
  readonly idleMs: number
}

/**
 * Finds the workers in the reply of CLIENT LIST. A worker names its blocking connection `<prefix>:<base64 of the
 * queue>`, with `:w:<name>` if it has a name; QueueEvents append `:qe` and are no workers. Nobody is made to use
 * these names, so they prove little: whoever connects can choose one.
 */
export function bullmqWorkers(text: string, prefixes: readonly string[]): readonly BullmqWorker[] {
  const workers: BullmqWorker[] = []
  for (const line of text.split('\n')) {
    const name = field(line, 'name')
    if (!name) continue
    const found = readName(name, prefixes)
    if (!found) continue
    workers.push({
      ...found,
      address: field(line, 'addr') ?? '',
      ageMs: Number(field(line, 'age') ?? 0) * 1000,
      idleMs: Number(field(line, 'idle') ?? 0) * 1000,
    })
  }
  return workers
}

/** The row of a worker. Its process, load and version are not told. */
export function workerRow(
  { queue, name, address, ageMs, idleMs }: BullmqWorker,
  displayName: string,
  serverMs: number,
): Worker {
  return {
    id: `bullmq:${name ?? queue.name}@${address}`,
    system: 'bullmq',
    host: address.replace(/:\d+$/, '') || null,
    pid: null,
    version: null,
    serves: [displayName],
    capacity: null,
    busy: null,
    phase: 'running',
    startedAtMs: serverMs - ageMs,
    beatAtMs: serverMs - idleMs,
  }
}

/** A queue's name is at most this long in base64: longer ones are not BullMQ's. */
const ENCODED_MAX = 2_000

function readName(name: string, prefixes: readonly string[]): Pick<BullmqWorker, 'queue' | 'name'> | null {
  for (const prefix of prefixes) {
    if (!name.startsWith(`${prefix}:`)) continue
    const [encoded = '', marker, ...rest] = name.slice(prefix.length + 1).split(':')
    if (encoded === '' || encoded.length > ENCODED_MAX || (marker !== undefined && marker !== 'w')) continue
    const queue = Buffer.from(encoded, 'base64').toString('utf8')
    // Only what encodes back to itself was base64 of UTF-8.
    if (Buffer.from(queue, 'utf8').toString('base64') !== encoded || queue.includes(':')) continue
    return { queue: bullmqQueue(prefix, queue), name: marker === 'w' ? rest.join(':') : null }
  }
  return null
}

function field(line: string, key: string): string | null {
  const at = line.startsWith(`${key}=`) ? 0 : line.indexOf(` ${key}=`) + 1
  if (at === 0 && !line.startsWith(`${key}=`)) return null
  const start = at + key.length + 1
  const end = line.indexOf(' ', start)
  return line.slice(start, end === -1 ? line.length : end)
}
