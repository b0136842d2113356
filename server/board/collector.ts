import type { Clock } from '../domain/clock.ts'
import { messageOf, OpsError } from '../domain/errors.ts'
import type { Log } from '../domain/log.ts'
import type { Source } from '../domain/source.ts'
import type { Board } from './board.ts'

export interface CollectorOptions {
  readonly source: Source
  readonly board: Board
  readonly clock: Clock
  readonly log: Log
  /** The pace, ms; slower where reading goes on taking long, so that the broker spends no more than a tenth on us. */
  readonly intervalMs: number
  readonly deadlineMs: number
}

/** A try without an answer for this long is shown as such, long before its deadline. */
const SLOW_MS = 1_500
/** A source that fails is tried again at its own pace, then ever slower up to this. */
const RETRY_MAX_MS = 10_000

export interface Collector {
  /** Asks for a snapshot that begins after this moment, soon: for what was just done to the source. */
  refresh(): void
  end(): Promise<void>
}

/** Snapshots asked for come no closer together than this, and than a few times what reading takes. */
const REFRESH_MS_MIN = 200
const REFRESH_SHARE = 4

/** Reads one source over and over: one snapshot in flight, each with a deadline. */
export function startCollector(options: CollectorOptions): Collector {
  const { source, board, clock, log, intervalMs } = options
  let timer: NodeJS.Timeout | null = null
  let stopped = false
  let failures = 0
  let startedAtMs = 0
  let tookMs: readonly [number, number] = [0, 0]
  let isReading = false
  let isAskedFor = false
  let inFlight: Promise<unknown> | null = null
  let running: Promise<void> = Promise.resolve()
  const abort = new AbortController()

  const again = (delayMs: number): number => {
    const sooner = isAskedFor ? Math.min(delayMs, soonMs()) : delayMs
    isAskedFor = false
    if (timer) clearTimeout(timer)
    if (!stopped) timer = setTimeout(() => (running = turn()), sooner)
    return Math.round(clock.nowMs() + sooner)
  }

  /** What reading takes, by the quicker of the last two: one that was slow, as the first, which connects, says little. */
  const usualMs = () => Math.min(...tookMs)

  const soonMs = (): number => {
    const apartMs = Math.max(REFRESH_MS_MIN, REFRESH_SHARE * usualMs())
    return Math.max(0, startedAtMs + apartMs - clock.monotonicMs())
  }

  const turn = async (): Promise<void> => {
    const startedMs = clock.monotonicMs()
    startedAtMs = startedMs
    isReading = true
    const slowMs = Math.max(SLOW_MS, 3 * usualMs())
    const slow = setTimeout(() => {
      const message = `no answer for ${(slowMs / 1_000).toFixed(1)} s, still waiting`
      board.fail(source.id, { error: { code: 'timeout', message }, pending: true, nextTryAtMs: null })
    }, slowMs)
    try {
      if (inFlight) throw new OpsError('timeout', 'collect', 'the last try was given up and has not ended yet')
      const snapshot = await withDeadline(options.deadlineMs, abort.signal, (signal) => {
        const collecting = source.collect({ signal, watched: board.watched(source.id) })
        inFlight = collecting
        const ended = () => {
          inFlight = null
        }
        collecting.then(ended, ended)
        return collecting
      })
      if (stopped) return
      failures = 0
      tookMs = [tookMs[1], snapshot.tookMs]
      const pace = Math.max(intervalMs, 10 * usualMs())
      const spentMs = clock.monotonicMs() - startedMs
      // Also after one that was slow the broker has as long for itself.
      const nextTryAtMs = again(Math.max(pace - spentMs, Math.min(spentMs, intervalMs)))
      board.accept(snapshot, { intervalMs: pace, nextTryAtMs })
      log.debug('collected', {
        source: source.id,
        tookMs: snapshot.tookMs,
        ...snapshot.cost,
        gaps: snapshot.gaps.length,
      })
    } catch (error) {
      if (stopped) return
      failures++
      isAskedFor = false
      const code = error instanceof OpsError ? error.code : 'malformed'
      const nextTryAtMs = again(Math.min(RETRY_MAX_MS, intervalMs * 2 ** Math.min(failures - 1, 5)))
      board.fail(source.id, { error: { code, message: messageOf(error) }, pending: false, nextTryAtMs })
      if (failures === 1) log.warn('collect failed', { source: source.id, code, message: messageOf(error) })
    } finally {
      clearTimeout(slow)
      isReading = false
    }
  }

  running = turn()
  return {
    refresh: () => {
      // One in flight may have begun too early: the next one follows it closely. A source in trouble keeps its pace.
      if (isReading) isAskedFor = true
      else if (!stopped && failures === 0) again(soonMs())
    },
    end: async () => {
      stopped = true
      if (timer) clearTimeout(timer)
      abort.abort()
      await running
    },
  }
}

/** Runs one try. The deadline holds even if the try ignores its signal. */
async function withDeadline<T>(ms: number, stop: AbortSignal, run: (signal: AbortSignal) => Promise<T>): Promise<T> {
  // Not AbortSignal.any: it leaves something behind on the long-lived signal at each call.
  const trying = new AbortController()
  const end = () => trying.abort()
  const timer = setTimeout(end, ms)
  stop.addEventListener('abort', end, { once: true })
  const late = new Promise<never>((_, reject) => {
    trying.signal.addEventListener('abort', () => {
      reject(new OpsError('timeout', 'collect', `no complete answer within ${(ms / 1_000).toFixed(0)} s`))
    })
  })
  try {
    return await Promise.race([run(trying.signal), late])
  } finally {
    clearTimeout(timer)
    stop.removeEventListener('abort', end)
  }
}
