import { request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import type { Clock } from './domain/clock.ts'
import { LINK_TIMEOUTS, Link, listOf } from './source/redis/link.ts'
import type { SourceSettings } from './source/settings.ts'

/** How far the broker's clock is from this machine's, and how exactly that is known; null = it does not tell its time. */
export interface ClockDifference {
  /** Ms; positive = the broker's is ahead. */
  readonly aheadMs: number
  readonly withinMs: number
}

interface Tools {
  readonly clock: Clock
  readonly signal: AbortSignal
}

const ASK_MS = 3_000

/** Asks a broker for its time. Never throws: not to know it is no fault. */
export async function asksTime(settings: SourceSettings, { clock, signal }: Tools): Promise<ClockDifference | null> {
  const beganMs = clock.monotonicMs()
  const nowMs = clock.nowMs()
  const theirs = await timeOf(settings, AbortSignal.any([signal, AbortSignal.timeout(ASK_MS)])).catch(() => null)
  if (theirs === null) return null
  const tookMs = clock.monotonicMs() - beganMs
  return { aheadMs: theirs.atMs - (nowMs + tookMs / 2), withinMs: tookMs / 2 + theirs.grainMs }
}

async function timeOf(
  settings: SourceSettings,
  signal: AbortSignal,
): Promise<{ atMs: number; grainMs: number } | null> {
  if (settings.kind === 'rabbitmq') {
    const url = settings.management?.url
    // Only the header is wanted: any answer has it, also a refusal. It tells whole seconds.
    return url
      ? { atMs: Date.parse(await dateOf(url, settings.management?.tls?.ca ?? null, signal)), grainMs: 1_000 }
      : null
  }
  if (settings.kind === 'kafka' || settings.mode !== 'standalone') return null
  const [node] = settings.nodes
  if (!node) return null
  const { username, password, db, tls } = settings
  const link = await Link.open(node, { username, password, db, tls, ...LINK_TIMEOUTS }, signal)
  try {
    const reply = await link.ask('time', ['TIME'], signal)
    const [seconds, micros] = listOf(reply).map(Number)
    return seconds === undefined || micros === undefined ? null : { atMs: seconds * 1_000 + micros / 1_000, grainMs: 0 }
  } finally {
    link.close()
  }
}

function dateOf(url: string, ca: string | null, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const ask = url.startsWith('https:') ? requestHttps : requestHttp
    const request = ask(url, { method: 'HEAD', signal, ...(ca === null ? {} : { ca }) }, (response) => {
      response.resume()
      const { date } = response.headers
      if (date === undefined) reject(new Error('no date in the answer'))
      else resolve(date)
    })
    request.once('error', reject)
    request.end()
  })
}
