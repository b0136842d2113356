import type { DeadLetterRoute, Queue } from '../../domain/queue.ts'
import { candidatesOf, type Exchange } from './exchange.ts'
import type { QueueRow } from './queue-row.ts'

/** What the topology alone says of one queue; messages are never read for it. */
export interface Place {
  readonly deadLetter: DeadLetterRoute | null
  readonly role: Queue['role']
  /** Names of the queues that this one serves. */
  readonly feeds: readonly string[]
  /** Whether something reaches this queue by dead-lettering, which no publish counter counts. */
  readonly isFedByDeadLetters: boolean
  /** Keys of the dead-letter queues that serve this queue alone, and of its retry queues. */
  readonly deadKeys: readonly string[]
  readonly retryKeys: readonly string[]
}

export interface Topology {
  /** Only queues that have a place worth telling: the others are plain work queues. */
  readonly places: ReadonlyMap<string, Place>
  /** Exchanges (keys) whose bindings would tell more. */
  readonly unread: readonly string[]
}

/** Identity of a queue or an exchange within one broker. */
export function keyOf(vhost: string, name: string): string {
  return `${vhost}\u0000${name}`
}

/** A route that may end in more queues than this tells nothing of any of them. */
const TARGETS_MAX = 50
/** Bounds the search for a way back in a topology made to exhaust it. */
const STEPS_MAX = 500
const FEEDS_NAMED_MAX = 100

/** A dead-letter route, followed as far as is known. */
interface Route {
  readonly from: string
  readonly row: QueueRow
  readonly targets: readonly string[]
}

/**
 * Follows every dead-letter route. A queue R is a retry queue of W when messages leave it by TTL only (nobody ever
 * took one) and its route leads to W; D is a dead-letter queue when a route leads to it and none leads back.
 */
export function readTopology(
  rows: ReadonlyMap<string, QueueRow>,
  exchanges: ReadonlyMap<string, Exchange | null>,
): Topology {
  const unread = new Set<string>()
  const routes = new Map<string, Route>()
  for (const [from, row] of rows) {
    if (row.deadLetterExchange === null) continue
    const targets = targetsOf(row, exchanges, unread).filter((key) => rows.has(key))
    routes.set(from, { from, row, targets })
  }
  const retries = new Set([...routes.values()].filter((route) => isRetry(route, routes)).map(({ from }) => from))
  const sources = reversed(routes)
  const places = new Map<string, Place>()
  const named = (keys: readonly string[]): string[] =>
    keys.slice(0, FEEDS_NAMED_MAX).map((key) => rows.get(key)?.name ?? key)
  for (const key of new Set([...routes.keys(), ...sources.keys()])) {
    const route = routes.get(key)
    const feeders = sources.get(key) ?? []
    const workFeeders = feeders.filter((feeder) => !retries.has(feeder))
    const isDead =
      !retries.has(key) && workFeeders.length > 0 && !workFeeders.some((feeder) => leads(routes, key, feeder))
    const role = retries.has(key) ? 'retry' : isDead ? 'dead-letter' : 'work'
    places.set(key, {
      deadLetter: route ? routeOf(route, named(route.targets)) : null,
      role,
      feeds: role === 'retry' ? named(route?.targets ?? []) : role === 'dead-letter' ? named(workFeeders) : [],
      isFedByDeadLetters: feeders.length > 0,
      deadKeys: role === 'work' && route ? deadKeysOf(route, { retries, sources, routes }) : [],
      retryKeys: feeders.filter((feeder) => retries.has(feeder) && routes.get(feeder)?.targets.length === 1),
    })
  }
  return { places, unread: [...unread] }
}

function routeOf({ row }: Route, queues: readonly string[]): DeadLetterRoute {
  return { exchange: row.deadLetterExchange ?? '', routingKey: row.deadLetterKey, queues }
}

function targetsOf(
  { vhost, deadLetterExchange, deadLetterKey }: QueueRow,
  exchanges: ReadonlyMap<string, Exchange | null>,
  unread: Set<string>,
): readonly string[] {
  // The default exchange needs no bindings; without a key the message keeps its own, which nobody here knows.
  if (deadLetterExchange === '') return deadLetterKey === null ? [] : [keyOf(vhost, deadLetterKey)]
  const found = new Set<string>()
  const seen = new Set<string>()
  const waiting = [deadLetterExchange ?? '']
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    const key = keyOf(vhost, name)
    if (seen.has(key)) continue
    seen.add(key)
    const exchange = exchanges.get(key)
    if (exchange === undefined) unread.add(key)
    if (!exchange) continue
    for (const { destination, isQueue } of candidatesOf(exchange, deadLetterKey)) {
      if (isQueue) found.add(keyOf(vhost, destination))
      else waiting.push(destination)
    }
    if (found.size > TARGETS_MAX || seen.size > TARGETS_MAX) return []
  }
  return [...found]
}

/** TTL, nobody reads it or ever did, and a route on. When two queues that look so feed each other, neither is. */
function isRetry(route: Route, routes: ReadonlyMap<string, Route>): boolean {
  if (!looksLikeRetry(route)) return false
  return !route.targets.some((target) => {
    const back = routes.get(target)
    return back !== undefined && looksLikeRetry(back) && back.targets.includes(route.from)
  })
}

function looksLikeRetry({ row, targets }: Route): boolean {
  const taken = (row.counters?.taken ?? 0) + (row.unacked ?? 0)
  return row.ttlMs !== null && row.consumers === 0 && taken === 0 && targets.length > 0
}

function reversed(routes: ReadonlyMap<string, Route>): ReadonlyMap<string, readonly string[]> {
  const sources = new Map<string, string[]>()
  for (const { from, targets } of routes.values()) {
    for (const target of targets) {
      const known = sources.get(target)
      if (known) known.push(from)
      else sources.set(target, [from])
    }
  }
  return sources
}

/** Whether dead-lettering, over any number of queues, brings a message from one queue to another. */
function leads(routes: ReadonlyMap<string, Route>, from: string, to: string): boolean {
  const seen = new Set<string>()
  const waiting = [from]
  for (let key = waiting.pop(); key !== undefined && seen.size < STEPS_MAX; key = waiting.pop()) {
    if (seen.has(key)) continue
    seen.add(key)
    for (const target of routes.get(key)?.targets ?? []) {
      if (target === to) return true
      waiting.push(target)
    }
  }
  return false
}

function deadKeysOf(
  route: Route,
  known: {
    readonly retries: ReadonlySet<string>
    readonly sources: ReadonlyMap<string, readonly string[]>
    readonly routes: ReadonlyMap<string, Route>
  },
): readonly string[] {
  return route.targets.filter((target) => {
    if (known.retries.has(target) || leads(known.routes, target, route.from)) return false
    const feeders = (known.sources.get(target) ?? []).filter((feeder) => !known.retries.has(feeder))
    return feeders.length === 1
  })
}
