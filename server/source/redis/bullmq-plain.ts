import type { BullmqAnswer, BullmqQueue } from './bullmq-row.ts'
import { type Command, type Link, listOf, type Reply, ReplyError } from './link.ts'

/**
 * Reads the same rows without scripts: 16 commands per queue in one write, then the creation times of the jobs that
 * are next. Slower, heavier and not atomic per queue; for servers that refuse EVAL.
 */
export async function readPlainly(
  link: Link,
  queues: readonly BullmqQueue[],
  signal: AbortSignal,
): Promise<{ serverMs: number; answers: readonly BullmqAnswer[] }> {
  const commands: Command[] = [['TIME'], ...queues.flatMap(({ base }) => commandsOf(base))]
  const [time, ...replies] = await link.run('bullmq', commands, signal)
  const drafts = queues.map((queue, at) => draftOf(queue, replies.slice(at * COMMANDS, (at + 1) * COMMANDS)))
  const jobs = drafts.flatMap((draft) => ('next' in draft ? draft.next : []))
  const times = await link.run(
    'bullmq',
    jobs.map((key): Command => ['HGET', key, 'timestamp']),
    signal,
  )
  const createdAtMs = new Map(jobs.map((key, at) => [key, digits(times[at])]))
  return {
    serverMs: Array.isArray(time) ? Number(time[0]) * 1000 + Math.floor(Number(time[1]) / 1000) : 0,
    answers: drafts.map((draft): BullmqAnswer => {
      if (!('next' in draft)) return draft.answer
      const known = draft.next.flatMap((key) => createdAtMs.get(key) ?? [])
      return { ...draft.row, oldestAtMs: known.length > 0 ? Math.min(...known) : null }
    }),
  }
}

function commandsOf(base: string): Command[] {
  return [
    ['HMGET', `${base}meta`, 'paused', 'concurrency', 'max', 'duration', 'version'],
    ['EXISTS', `${base}meta`],
    ['LLEN', `${base}wait`],
    ['LINDEX', `${base}wait`, -1],
    ['LINDEX', `${base}wait`, -2],
    ['LLEN', `${base}paused`],
    ['LINDEX', `${base}paused`, -1],
    ['LINDEX', `${base}paused`, -2],
    ['ZCARD', `${base}prioritized`],
    ['ZRANGE', `${base}prioritized`, 0, 0],
    ['LLEN', `${base}active`],
    ['ZCARD', `${base}delayed`],
    ['ZCARD', `${base}failed`],
    ['GET', `${base}id`],
    ['ZCARD', `${base}waiting-children`],
    ['HGET', `${base}metrics:failed`, 'count'],
  ]
}

const COMMANDS = commandsOf('').length

type Draft =
  | { answer: BullmqAnswer }
  | { row: Exclude<BullmqAnswer, 'gone' | { error: string }>; next: readonly string[] }

function draftOf({ base }: BullmqQueue, replies: readonly Reply[]): Draft {
  const error = replies.find((reply) => reply instanceof ReplyError)
  if (error instanceof ReplyError) return { answer: { error: error.text.slice(0, 120) } }
  const [meta, exists, waitLength, wait1, wait2, pausedLength, paused1, paused2, prioritized, first] = replies
  const [active, delayed, failed, id, waitingChildren, failedCount] = replies.slice(10)
  if (exists === 0) return { answer: 'gone' }
  const wait = waiting(waitLength, wait1, wait2)
  const paused = waiting(pausedLength, paused1, paused2)
  const [head] = listOf(first)
  const [isPaused, concurrency, max, duration, version] = listOf(meta)
  return {
    next: [wait.next, paused.next, head].flatMap((job) => (typeof job === 'string' ? [base + job] : [])),
    row: {
      wait: wait.length,
      paused: paused.length,
      prioritized: Number(prioritized),
      active: Number(active),
      delayed: Number(delayed),
      failed: Number(failed),
      added: digits(id),
      oldestAtMs: null,
      isPaused: isPaused != null,
      concurrency: digits(concurrency),
      max: digits(max),
      durationMs: digits(duration),
      waitingChildren: Number(waitingChildren),
      metricsFailed: digits(failedCount),
      // Where scripts are refused we can place none; that of another dashboard is shown as paused elsewhere.
      controls: 0,
      version: typeof version === 'string' ? version.slice(0, 40) : null,
    },
  }
}

/** An old marker `0:<ms>` at the tail is not a job. */
function waiting(length: Reply | undefined, last: Reply | undefined, beforeLast: Reply | undefined) {
  const isMarker = typeof last === 'string' && last.startsWith('0:')
  return { length: Number(length) - (isMarker ? 1 : 0), next: isMarker ? beforeLast : last }
}

function digits(reply: Reply | undefined): number | null {
  const text = typeof reply === 'string' ? /^\d+/.exec(reply)?.[0] : undefined
  return text === undefined ? null : Number(text)
}
