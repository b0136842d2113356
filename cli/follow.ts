import { type Api, asProblem, problemFailure, readAnswer } from './api.ts'
import { CliFailure, EXIT } from './exit.ts'
import { causeOf, exchange, open, serverOf } from './http.ts'
import { EventParser } from './sse.ts'

/** The server beats every 10 s; after this long without a word the link counts as lost. */
const SILENCE_MS = 25_000
const POLL_MS = 5_000
const RECONNECT_MS = { first: 1_000, max: 30_000 }

export type Link =
  | { readonly state: 'connecting' }
  | { readonly state: 'live' }
  /** Followed paths are polled every 5 s until the stream is back. */
  | { readonly state: 'lost'; readonly why: string }

export interface Follower {
  readonly onResult: (path: string, body: unknown) => void
  /** A path that cannot be read now: not found, ambiguous, not ready. */
  readonly onProblem: (path: string, failure: CliFailure) => void
  readonly onLink: (link: Link) => void
}

/**
 * Follows paths of the API until the signal aborts: whole bodies, first at once, then on every change. When the stream
 * is lost it polls the same paths, and takes the stream up again when it can.
 */
export async function follow(
  api: Api,
  paths: readonly string[],
  follower: Follower,
  signal: AbortSignal,
): Promise<void> {
  let waitMs = RECONNECT_MS.first
  while (!signal.aborted) {
    const why = await followOnce(
      api,
      paths,
      {
        ...follower,
        onLink: (link) => {
          if (link.state === 'live') waitMs = RECONNECT_MS.first
          follower.onLink(link)
        },
      },
      signal,
    )
    if (signal.aborted) return
    follower.onLink({ state: 'lost', why })
    await pollFor(api, paths, follower, { forMs: waitMs, signal })
    waitMs = Math.min(waitMs * 2, RECONNECT_MS.max)
  }
}

/** One stream, from its opening to its loss. Resolves with the reason. */
async function followOnce(
  api: Api,
  paths: readonly string[],
  follower: Follower,
  signal: AbortSignal,
): Promise<string> {
  const url = api.url('/live')
  for (const path of paths) url.searchParams.append('path', path)
  const silence = new AbortController()
  const both = AbortSignal.any([signal, silence.signal])
  let silenceTimer = setTimeout(() => silence.abort(new Error('no word from the server')), SILENCE_MS)
  const heard = () => {
    clearTimeout(silenceTimer)
    silenceTimer = setTimeout(() => silence.abort(new Error('no word from the server')), SILENCE_MS)
  }
  try {
    const incoming = await open(url, { accept: 'text/event-stream' }, both)
    if (incoming.statusCode !== 200) {
      incoming.destroy()
      return `the live stream answered ${incoming.statusCode}`
    }
    const parser = new EventParser()
    const decoder = new TextDecoder()
    follower.onLink({ state: 'live' })
    for await (const chunk of incoming as AsyncIterable<Buffer>) {
      heard()
      for (const { event, data } of parser.push(decoder.decode(chunk, { stream: true }))) {
        if (event === 'bye') return 'the server is shutting down'
        if (event === 'result' || event === 'problem') deliver(event, JSON.parse(data), follower)
      }
    }
    return 'the server closed the live stream'
  } catch (error) {
    return error instanceof CliFailure ? error.message : causeOf(error)
  } finally {
    clearTimeout(silenceTimer)
  }
}

function deliver(
  event: string,
  message: { path?: unknown; body?: unknown; problem?: unknown },
  follower: Follower,
): void {
  if (typeof message.path !== 'string') return
  if (event === 'result') follower.onResult(message.path, message.body)
  else follower.onProblem(message.path, problemFailure(asProblem(message.problem, 0)))
}

/** Polls the paths until the time is over or the signal aborts. */
async function pollFor(
  api: Api,
  paths: readonly string[],
  follower: Follower,
  { forMs, signal }: { forMs: number; signal: AbortSignal },
): Promise<void> {
  let leftMs = forMs
  while (leftMs > 0 && !signal.aborted) {
    const stepMs = Math.min(leftMs, POLL_MS)
    await pause(stepMs, signal)
    leftMs -= stepMs
    for (const path of paths) {
      if (signal.aborted) return
      try {
        const deadline = AbortSignal.any([signal, AbortSignal.timeout(POLL_MS)])
        follower.onResult(path, readAnswer(await exchange(api.url(path), {}, deadline), serverOf(api.server)))
      } catch (error) {
        if (!(error instanceof CliFailure)) continue
        // The link is known to be lost: only what the server itself says about a path is news.
        if (error.exit === EXIT.unreachable) break
        follower.onProblem(path, error)
      }
    }
  }
}

/** Waits; ends early, without throwing, when the signal aborts. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms)
    signal.addEventListener('abort', done, { once: true })
    function done() {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
  })
}
