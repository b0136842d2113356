import { integerOf, parseInteger, SYNTAX } from '../arguments.ts'
import type { Call, Command } from '../command.ts'
import { ErrorReply, type Reply } from '../reply.ts'
import type { Consumer, Pending } from '../values/stream-group.ts'
import { compareIds, idText, MIN_ID, parseId, type StreamId } from '../values/stream-id.ts'
import type { StreamEntry } from '../values/stream-node.ts'
import { entryReply, groupOf, startOf, strictId } from './stream-arguments.ts'
import { claimEffects, consumerOf, type Place, positionEffect, seenNow } from './stream-reading.ts'

export const streamClaims: readonly Command[] = [
  { name: 'xclaim', arity: -6, flags: ['write', 'fast'], keys: [1, 1, 1], run: xclaim },
  { name: 'xautoclaim', arity: -6, flags: ['write', 'fast'], keys: [1, 1, 1], run: xautoclaim },
]

/** Redis looks at ten times as many pending entries as it may claim. */
const LOOKS_PER_CLAIM = 10
const CLAIM_COUNT = 100
const CLAIM_COUNT_MAX = 576460752303423487n

interface ClaimOptions {
  readonly isForced: boolean
  readonly onlyIds: boolean
  readonly deliveredAtMs: number
  /** null: one more than before. */
  readonly deliveries: number | null
  readonly lastId: StreamId
}

/** XCLAIM key group consumer min-idle id … [IDLE ms] [TIME ms] [RETRYCOUNT n] [FORCE] [JUSTID] [LASTID id] */
function xclaim(call: Call, args: readonly string[]): Reply {
  const key = args[1] as string
  const place: Place = { key, ...groupOf(call, key, args[2] as string) }
  const { group, stream } = place
  const minIdleMs = integerOf(args[4] as string, 'ERR Invalid min-idle-time argument for XCLAIM')
  const ids: StreamId[] = []
  for (let at = 5; at < args.length; at++) {
    const id = parseId(args[at] as string, 0)
    if (id === null) break
    ids.push(id)
  }
  const options = claimOptions(call, args, 5 + ids.length)
  call.db.changing(key)
  if (compareIds(options.lastId, group.lastId) > 0) {
    group.lastId = options.lastId
    positionEffect(call, key, group)
    call.db.changedBookkeeping(key)
  }
  const claims = new Claims(call, place, args[3] as string)
  for (const id of ids) {
    const entry = stream.get(id)
    let pending = group.pending.get(id)
    if (entry === undefined) {
      if (pending !== undefined) claims.forget(pending)
      continue
    }
    if (pending === undefined) {
      if (!options.isForced) continue
      pending = group.deliver(id, claims.consumer(), options.deliveredAtMs)
    } else if (minIdleMs > 0 && call.nowMs - pending.deliveredAtMs < minIdleMs) {
      continue
    }
    claims.take(pending, entry, options)
  }
  claims.keep()
  return claims.replies
}

function claimOptions(call: Call, args: readonly string[], from: number): ClaimOptions {
  let isForced = false
  let onlyIds = false
  let deliveredAtMs = -1
  let deliveries = -1
  let lastId = MIN_ID
  for (let at = from; at < args.length; at++) {
    const word = args[at] as string
    const option = word.toUpperCase()
    const value = args[at + 1]
    if (option === 'FORCE') isForced = true
    else if (option === 'JUSTID') onlyIds = true
    else if (value !== undefined && option === 'IDLE') deliveredAtMs = call.nowMs - claimNumber(value, option)
    else if (value !== undefined && option === 'TIME') deliveredAtMs = claimNumber(value, option)
    else if (value !== undefined && option === 'RETRYCOUNT') deliveries = claimNumber(value, option)
    else if (value !== undefined && option === 'LASTID') lastId = strictId(value)
    else throw new ErrorReply(`ERR Unrecognized XCLAIM option '${word}'`)
    if (option !== 'FORCE' && option !== 'JUSTID') at++
  }
  // Done again from the journal, the time is past in any case.
  const isFuture = deliveredAtMs > call.nowMs && Number.isFinite(call.nowMs)
  if (deliveredAtMs < 0 || isFuture) deliveredAtMs = seenNow(call)
  return { isForced, onlyIds, deliveredAtMs, deliveries: deliveries < 0 ? null : deliveries, lastId }
}

function claimNumber(text: string, option: string): number {
  return integerOf(text, `ERR Invalid ${option} option argument for XCLAIM`)
}

/** XAUTOCLAIM key group consumer min-idle start [COUNT n] [JUSTID] */
function xautoclaim(call: Call, args: readonly string[]): Reply {
  const minIdleMs = integerOf(args[4] as string, 'ERR Invalid min-idle-time argument for XAUTOCLAIM')
  const start = startOf(args[5] as string)
  const { count, onlyIds } = autoclaimOptions(args)
  const key = args[1] as string
  const place: Place = { key, ...groupOf(call, key, args[2] as string) }
  const how = { onlyIds, deliveredAtMs: call.nowMs, deliveries: null }
  const claims = new Claims(call, place, args[3] as string)
  // Taken out beforehand: what is claimed or forgotten changes the list that is walked.
  const looks = count * LOOKS_PER_CLAIM
  const walked: Pending[] = []
  for (const pending of place.group.pending.from(start)) if (walked.push(pending) > looks) break
  call.db.changing(key)
  const gone: string[] = []
  let left = count
  let at = 0
  for (; at < walked.length && at < looks && left > 0; at++) {
    const pending = walked[at] as Pending
    const entry = place.stream.get(pending)
    if (entry === undefined) {
      claims.forget(pending)
      gone.push(idText(pending))
      left--
    } else if (minIdleMs <= 0 || call.nowMs - pending.deliveredAtMs >= minIdleMs) {
      claims.take(pending, entry, how)
      left--
    }
  }
  claims.keep()
  const next = walked[at]
  return [next === undefined ? '0-0' : idText(next), claims.replies, gone]
}

function autoclaimOptions(args: readonly string[]): { readonly count: number; readonly onlyIds: boolean } {
  let count = CLAIM_COUNT
  let onlyIds = false
  for (let at = 6; at < args.length; at++) {
    const option = (args[at] as string).toUpperCase()
    if (option === 'COUNT' && at + 1 < args.length) {
      const value = parseInteger(args[++at] as string)
      if (value === null || value < 1n || value > CLAIM_COUNT_MAX) throw new ErrorReply('ERR COUNT must be > 0')
      count = Number(value)
    } else if (option === 'JUSTID') {
      onlyIds = true
    } else {
      throw new ErrorReply(SYNTAX)
    }
  }
  return { count, onlyIds }
}

/** What one XCLAIM or XAUTOCLAIM does, and what the journal keeps of it. */
class Claims {
  readonly replies: Reply[] = []
  readonly #call: Call
  readonly #place: Place
  readonly #name: string
  readonly #taken: Pending[] = []
  readonly #forgotten: string[] = []

  constructor(call: Call, place: Place, name: string) {
    this.#call = call
    this.#place = place
    this.#name = name
    const known = place.group.consumers.get(name)
    if (known !== undefined) known.seenAtMs = seenNow(call)
  }

  /** Made, when there is none, only once something is claimed: as in Redis 7.0. */
  consumer(): Consumer {
    return consumerOf(this.#call, this.#place, this.#name)
  }

  /** Its entry was deleted: it cannot be pending any longer. */
  forget(pending: Pending): void {
    this.#place.group.acknowledge(pending)
    this.#forgotten.push(idText(pending))
  }

  take(
    pending: Pending,
    entry: StreamEntry,
    how: { readonly onlyIds: boolean; readonly deliveredAtMs: number; readonly deliveries: number | null },
  ): void {
    this.#place.group.hand(pending, this.consumer())
    pending.deliveredAtMs = how.deliveredAtMs
    if (how.deliveries !== null) pending.deliveries = how.deliveries
    else if (!how.onlyIds) pending.deliveries++
    this.#taken.push(pending)
    this.replies.push(how.onlyIds ? idText(pending) : entryReply(entry))
  }

  keep(): void {
    if (this.#taken.length + this.#forgotten.length === 0) return
    const { key, group } = this.#place
    claimEffects(this.#call, this.#place, this.#taken)
    if (this.#forgotten.length > 0) this.#call.effect('XACK', key, group.name, ...this.#forgotten)
    this.#call.db.changedBookkeeping(key)
  }
}
