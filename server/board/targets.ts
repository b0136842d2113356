import type { QueueRow } from '../api/queue.ts'
import type { WorkerRow } from '../api/worker.ts'
import type { Lever, Verb } from '../domain/control.ts'
import type { Queue } from '../domain/queue.ts'
import { formatReference, formatTail, parseReference, type Reference } from '../domain/reference.ts'
import type { Run } from '../domain/run.ts'
import type { Board, Held } from './board.ts'
import type { Entry } from './derive.ts'
import { matcher } from './window.ts'

/** One thing that a control is asked for, as the board knows it. */
export interface Target {
  readonly ref: string
  readonly reference: Reference
  readonly held: Held
  /** The job system that would obey; null = none was found. */
  readonly system: string | null
  /** Its own figures; null for a job class, a tag or a run: nobody counts them apart. */
  readonly queue: Entry<QueueRow, Queue> | null
  readonly run: Run | null
  /** Live workers that it concerns. */
  readonly workers: readonly WorkerRow[]
}

export interface Resolved {
  /** In the order of their references, each once. */
  readonly targets: readonly Target[]
  /** Texts that match nothing, or more than one thing without a `*`; with why. */
  readonly unmatched: readonly string[]
}

/** Finds what references and globs (`redis-main/*-mail`) mean now. */
export function resolveTargets(board: Board, texts: readonly string[]): Resolved {
  const targets = new Map<string, Target>()
  const unmatched: string[] = []
  for (const text of texts) {
    const found = text.includes('*') ? matching(board, text) : exactly(board, text)
    if (typeof found === 'string') unmatched.push(found)
    else for (const target of found) targets.set(target.ref, target)
  }
  return { targets: [...targets.values()].sort((a, b) => (a.ref < b.ref ? -1 : 1)), unmatched }
}

/** What makes an order true for a target, or why nothing does. */
export function leverOf({ held, system, reference, queue }: Target, verb: Verb): Lever {
  const { kind, id } = held
  if (held.snapshot === null) return { by: 'none', why: `${id} has not been read yet` }
  const found = held.snapshot.systems.find(({ name }) => name === system)
  const named = system ?? kind
  if (queue && queue.thing.role !== 'work') return { by: 'none', why: `it is a ${queue.thing.role} queue` }
  return found?.levers?.[verb] ?? { by: 'none', why: `Sluice cannot ${verb} a ${reference.kind} of ${named} yet` }
}

function matching(board: Board, text: string): Target[] | string {
  const source = text.slice(0, text.indexOf('/'))
  const held = board.source(source)
  if (!held) return `${text}: * stands in a queue’s name, behind a source: redis-main/*-mail`
  const isMatch = matcher(text.slice(source.length + 1), { ignoreCase: false })
  const found = [...held.derived.queues].filter(([tail]) => isMatch(tail))
  return found.length > 0 ? found.map(([tail, entry]) => queueTarget(held, tail, entry)) : text
}

function exactly(board: Board, text: string): Target[] | string {
  const reference = parseReference(text)
  const held = reference && board.source(reference.source)
  if (!reference || !held) return text
  const { kind, tail } = reference
  if (kind === 'queue') {
    const found = findQueue(held, tail)
    return typeof found === 'string' ? `${text}${found}` : [queueTarget(held, ...found)]
  }
  if (kind === 'run') {
    const run = held.snapshot?.runs.find(({ id }) => formatTail([id]) === tail)
    if (!run) return text
    const workers = workersOf(held, run.system, run.queue)
    return [{ ref: formatReference(reference), reference, held, system: run.system, queue: null, run, workers }]
  }
  if (kind !== 'job-class' && kind !== 'tag') return `${text}: a ${kind} cannot be controlled`
  const system = held.snapshot?.systems.find(({ levers }) => levers !== undefined)?.name ?? null
  const workers = system === null ? [] : workersOf(held, system, null)
  return [{ ref: formatReference(reference), reference, held, system, queue: null, run: null, workers }]
}

/** @returns the queue, or what to put behind its name to say why there is none */
function findQueue(held: Held, tail: string): [tail: string, entry: Entry<QueueRow, Queue>] | string {
  const { queues } = held.derived
  const entry = queues.get(tail)
  if (entry) return [tail, entry]
  const same = [...queues].filter(([key]) => key.includes(':') && key.slice(key.indexOf(':') + 1) === tail)
  const [only] = same
  if (only && same.length === 1) return only
  return same.length > 1 ? `: say which, ${same.map(([key]) => `${held.id}/${key}`).join(' or ')}` : ''
}

function queueTarget(held: Held, tail: string, entry: Entry<QueueRow, Queue>): Target {
  const reference: Reference = { kind: 'queue', source: held.id, tail }
  const { system, name } = entry.thing
  const workers = workersOf(held, system, name)
  return { ref: entry.row.ref, reference, held, system, queue: entry, run: null, workers }
}

/** @param queue null = of all queues */
function workersOf(held: Held, system: string, queue: string | null): WorkerRow[] {
  return held.derived.workers.filter(
    (worker) =>
      worker.system === system && worker.phase !== 'gone' && (queue === null || worker.serves.includes(queue)),
  )
}
