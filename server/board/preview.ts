import type { ControlRow, Preview } from '../api/control.ts'
import type { Lever, Order } from '../domain/control.ts'
import { formatTail } from '../domain/reference.ts'
import { formatDuration, formatRate } from '../domain/words.ts'
import type { Board } from './board.ts'
import { fingerprintOf } from './fingerprint.ts'
import { project } from './projection.ts'
import { stateOf } from './standing.ts'
import { leverOf, type Resolved, resolveTargets, type Target } from './targets.ts'

/** One request for controls, as people make it. */
export interface Wish {
  readonly targets: readonly string[]
  readonly order: Order
  readonly ttlMs: number
}

/** What a wish means now. */
export interface Seen extends Resolved {
  readonly fingerprint: string
  readonly levers: ReadonlyMap<Target, Lever>
}

const TOUCHED_MAX = 50
const LONG_MS = 4 * 3_600_000
/** What a control means for a run that is under way. */
const ITERATING: Readonly<Record<Order['verb'], string>> = {
  pause: 'iterating jobs stop between two items',
  throttle: 'items of iterating jobs count as starts',
  limit: 'a run that has started goes on',
}

/** Resolves a wish. The fingerprint is over targets, levers, order and life: not over figures, which always change. */
export function see(board: Board, { targets: texts, order, ttlMs }: Wish): Seen {
  const resolved = resolveTargets(board, texts)
  const levers = new Map(resolved.targets.map((target) => [target, leverOf(target, order.verb)]))
  const matched = resolved.targets.map((target) => [target.ref, target.system, levers.get(target)])
  return { ...resolved, levers, fingerprint: fingerprintOf([matched, order, ttlMs]) }
}

/** What is not as it was seen, in words. */
export function differenceOf(before: Seen, now: Seen): string[] {
  const was = new Map(before.targets.map((target) => [target.ref, before.levers.get(target)]))
  const is = new Map(now.targets.map((target) => [target.ref, now.levers.get(target)]))
  const more = [...is.keys()].filter((ref) => !was.has(ref)).map((ref) => `${ref} matches now`)
  const less = [...was.keys()].filter((ref) => !is.has(ref)).map((ref) => `${ref} does not match any more`)
  const other = [...is].flatMap(([ref, lever]) => {
    const old = was.get(ref)
    return old && JSON.stringify(old) !== JSON.stringify(lever) ? [`${ref} is held in another way now`] : []
  })
  const found = [...more, ...less, ...other]
  return found.length > 0 ? found : ['the order or its end is not the one that was previewed']
}

/** What a control would do, without doing anything. @param existing the living controls of a target */
export function previewOf(
  board: Board,
  { wish, seen }: { wish: Wish; seen: Seen },
  existing: (ref: string) => ControlRow[],
): Preview {
  const sources = new Set(seen.targets.map(({ held }) => held))
  const isStale = ({ standing }: Target['held']) => stateOf(standing, board.clock.monotonicMs()) === 'stale'
  const targets = seen.targets.map((target) => {
    const lever = seen.levers.get(target) ?? leverOf(target, wish.order.verb)
    return previewTarget(target, { lever, wish, existing: existing(target.ref) })
  })
  return {
    asOfMs: board.clock.nowMs(),
    sources: board.ages(),
    fingerprint: seen.fingerprint,
    targets,
    matched: targets.length,
    controllable: targets.filter(({ lever }) => lever.by !== 'none').length,
    unmatched: [...seen.unmatched],
    untilMs: board.clock.nowMs() + wish.ttlMs,
    staleSources: [...sources].filter(isStale).map(({ id }) => id),
    alsoTouched: alsoTouched(seen.targets),
    goesOn: `enqueueing, schedules and work in hand; ${ITERATING[wish.order.verb]}`,
  }
}

function previewTarget(
  target: Target,
  { lever, wish: { order, ttlMs }, existing }: { lever: Lever; wish: Wish; existing: ControlRow[] },
): Preview['targets'][number] {
  const { ref, system, queue, run, workers } = target
  const row = queue?.row
  const now = {
    depth: row?.depth ?? null,
    active: row?.active ?? null,
    oldestAgeMs: row?.oldestAgeMs ?? null,
    inPerSecond: row?.inPerSecond ?? null,
    outPerSecond: row?.outPerSecond ?? null,
  }
  const projected = project(now, order, ttlMs)
  return {
    ref,
    system,
    lever,
    workers: queue || run ? workers.length : workers.length || null,
    inHand: run ? (run.status === 'running' ? 1 : 0) : now.active,
    depth: now.depth,
    inPerSecond: now.inPerSecond,
    outPerSecond: now.outPerSecond,
    ...projected,
    notes: notesOf(target, {
      order,
      ttlMs,
      lever,
      existing,
      drainMs: projected.drainMs,
      depthAtEnd: projected.depthAtEnd,
    }),
    existing,
  }
}

interface Noted {
  readonly order: Order
  readonly ttlMs: number
  readonly lever: Lever
  readonly existing: readonly ControlRow[]
  readonly drainMs: number | null
  readonly depthAtEnd: number | null
}

/** What people should know before they act, in words. */
function notesOf({ queue, run, workers, reference }: Target, noted: Noted): string[] {
  const { order, ttlMs, lever, existing, drainMs, depthAtEnd } = noted
  const out = queue?.row.outPerSecond ?? null
  const notes: string[] = []
  if (lever.by !== 'none' && lever.caveat !== null) notes.push(lever.caveat)
  if (!queue && !run) notes.push(`nobody counts a ${reference.kind} apart: depth and rates cannot be told`)
  if (queue && (queue.row.inPerSecond === null || out === null)) notes.push('its rates cannot be told (yet)')
  if (order.verb === 'throttle' && out !== null && out <= (order.fromPerSecond ?? order.perSecond)) {
    notes.push(`${formatRate(out)}/s now: already below the limit`)
  }
  if (
    order.verb === 'limit' &&
    queue?.row.active !== null &&
    (queue?.row.active ?? Number.POSITIVE_INFINITY) <= order.concurrency
  ) {
    notes.push(`${queue?.row.active} in hand now: already within the limit`)
  }
  if (depthAtEnd !== null && depthAtEnd > 0 && drainMs === null) notes.push('does not drain at today’s rates')
  if (workers.length === 0) notes.push('nobody takes from it now')
  if (queue?.thing.pausedBy === 'elsewhere') notes.push('paused elsewhere too: Sluice cannot end that')
  for (const one of existing) notes.push(`already ${one.sentence} by ${one.actor}: the strictest wins`)
  if (ttlMs > LONG_MS) notes.push(`for ${formatDuration(ttlMs)}: longer than most incidents`)
  return notes
}

/** Queues of the same workers: with work taken from the targets less often, these may go faster. */
function alsoTouched(targets: readonly Target[]): string[] {
  const meant = new Set(targets.map(({ ref }) => ref))
  const seen = new Set<object>()
  const touched = new Set<string>()
  for (const { held, queue, system, workers } of targets) {
    for (const worker of queue ? workers : []) {
      if (seen.has(worker)) continue
      seen.add(worker)
      for (const name of worker.serves) {
        const tail = formatTail([name])
        const { queues } = held.derived
        const served = queues.get(tail) ?? queues.get(`${system}:${tail}`)
        if (served?.thing.system !== system || meant.has(served.row.ref)) continue
        touched.add(served.row.ref)
        if (touched.size >= TOUCHED_MAX) return [...touched]
      }
    }
  }
  return [...touched]
}
