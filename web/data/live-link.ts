import type { Problem } from '../../server/api/problem.ts'
import type { Answer } from './answer.ts'

/** What a live stream says. */
export interface StreamEvents {
  opened(): void
  result(path: string, body: object): void
  problem(path: string, problem: Problem): void
  beat(nowMs: number): void
  /** The server closes on purpose and asks to be called again in a moment. */
  bye(): void
  /** It could not be opened, or broke. */
  failed(): void
}

export interface Stream {
  close(): void
}

/** What the link needs from its surroundings. */
export interface LinkPorts {
  openStream(paths: readonly string[], events: StreamEvents): Stream
  /** Answers that arrived, latest per path. */
  deliver(answers: ReadonlyMap<string, Answer<object>>): void
  /** Reads these paths once by GET. */
  poll(paths: readonly string[]): void
  beat(nowMs: number): void
  /** Calls back at the next frame. */
  nextFrame(then: () => void): void
}

/**
 * idle    nothing is followed, or the tab is hidden, or the view is frozen
 * opening a stream was asked for and has not answered
 * live    it answers
 * lost    it broke or was silent: paths are polled, and it is tried again, ever more slowly
 */
export interface LinkState {
  readonly phase: 'idle' | 'opening' | 'live' | 'lost'
  /** Unix ms by our own clock since when it is so. */
  readonly sinceMs: number
}

/** The server beats each 10 s: after this much silence the link is dead, whatever TCP thinks. */
export const SILENCE_MS = 25_000
export const POLL_MS = 5_000
export const PATHS_MAX = 24
const RETRY_MIN_MS = 1_000
const RETRY_MAX_MS = 30_000
/** Paths change in bursts while a page mounts or a list scrolls: one stream is opened for the burst. */
const GATHER_MS = 80
/** A path nobody wants any more may stay in the stream for this long, as people go back. */
const LINGER_MS = 3_000

interface OpenStream {
  readonly paths: readonly string[]
  stream: Stream | null
}

/**
 * One stream that follows the union of all mounted paths. A changed set opens anew and closes the old one only when
 * the new one answers; bodies are delivered once a frame; a lost stream is replaced by polling until it is back.
 */
export class LiveLink {
  readonly #ports: LinkPorts
  readonly #wanted = new Map<string, number>()
  readonly #listeners = new Set<() => void>()
  readonly #pending = new Map<string, Answer<object>>()
  #state: LinkState = { phase: 'idle', sinceMs: Date.now() }
  #current: OpenStream | null = null
  #next: OpenStream | null = null
  #stopped = false
  #failures = 0
  #gather: ReturnType<typeof setTimeout> | null = null
  #silence: ReturnType<typeof setTimeout> | null = null
  #retry: ReturnType<typeof setTimeout> | null = null
  #polling: ReturnType<typeof setInterval> | null = null

  constructor(ports: LinkPorts) {
    this.#ports = ports
  }

  get state(): LinkState {
    return this.#state
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Follows a path until the returned function is called. Many may follow one path. */
  follow(path: string): () => void {
    this.#wanted.set(path, (this.#wanted.get(path) ?? 0) + 1)
    if (!this.#covered().has(path)) this.#gatherIn(GATHER_MS)
    let done = false
    return () => {
      if (done) return
      done = true
      const left = (this.#wanted.get(path) ?? 1) - 1
      if (left > 0) this.#wanted.set(path, left)
      else this.#wanted.delete(path)
      if (left <= 0 && !this.#gather) this.#gatherIn(LINGER_MS)
    }
  }

  /** Follows nothing while the tab is hidden or the view frozen. */
  stop(): void {
    this.#stopped = true
    this.#clear()
    this.#enter('idle')
  }

  /** Follows again. Read first: what is on the screen is old. */
  start(): void {
    if (!this.#stopped) return
    this.#stopped = false
    if (this.#wanted.size > 0) this.#ports.poll([...this.#wanted.keys()])
    this.#open()
  }

  #covered(): ReadonlySet<string> {
    return new Set((this.#next ?? this.#current)?.paths)
  }

  #gatherIn(delayMs: number): void {
    if (this.#gather) clearTimeout(this.#gather)
    this.#gather = setTimeout(() => {
      this.#gather = null
      // While lost, the retry timer opens with whatever is wanted then.
      if (!this.#stopped && this.#state.phase !== 'lost') this.#open()
    }, delayMs)
  }

  #open(): void {
    const paths = [...this.#wanted.keys()].slice(-PATHS_MAX).sort()
    if (paths.length === 0) {
      this.#clear()
      this.#enter('idle')
      return
    }
    const running = this.#next ?? this.#current
    if (running && running.paths.join() === paths.join()) return
    this.#next?.stream?.close()
    const opening: OpenStream = { paths, stream: null }
    this.#next = opening
    if (this.#state.phase === 'idle') this.#enter('opening')
    if (!this.#silence) this.#heard()
    const isOurs = () => opening === this.#next || opening === this.#current
    opening.stream = this.#ports.openStream(paths, {
      opened: () => isOurs() && this.#opened(opening),
      result: (path, body) => isOurs() && this.#hold(path, { body, problem: null }),
      problem: (path, problem) => isOurs() && this.#hold(path, { body: null, problem }),
      beat: (nowMs) => {
        if (!isOurs()) return
        this.#heard()
        this.#ports.beat(nowMs)
      },
      bye: () => isOurs() && this.#lose(1_000 + Math.random() * 4_000),
      failed: () => isOurs() && this.#lose(Math.min(RETRY_MAX_MS, RETRY_MIN_MS * 2 ** this.#failures++)),
    })
    if (!isOurs()) opening.stream.close()
  }

  #opened(opening: OpenStream): void {
    if (opening === this.#next) {
      this.#current?.stream?.close()
      this.#current = opening
      this.#next = null
    }
    this.#failures = 0
    if (this.#polling) clearInterval(this.#polling)
    this.#polling = null
    this.#heard()
    this.#enter('live')
  }

  #hold(path: string, answer: Answer<object>): void {
    this.#heard()
    if (this.#pending.size === 0) this.#ports.nextFrame(() => this.#deliver())
    this.#pending.set(path, answer)
  }

  #deliver(): void {
    const answers = new Map(this.#pending)
    this.#pending.clear()
    if (!this.#stopped && answers.size > 0) this.#ports.deliver(answers)
  }

  #heard(): void {
    if (this.#silence) clearTimeout(this.#silence)
    this.#silence = setTimeout(() => this.#lose(RETRY_MIN_MS), SILENCE_MS)
  }

  #lose(retryInMs: number): void {
    this.#closeStreams()
    this.#enter('lost')
    this.#polling ??= setInterval(() => this.#ports.poll([...this.#wanted.keys()]), POLL_MS)
    this.#retry = setTimeout(() => this.#open(), retryInMs)
  }

  #closeStreams(): void {
    this.#current?.stream?.close()
    this.#next?.stream?.close()
    this.#current = null
    this.#next = null
    if (this.#silence) clearTimeout(this.#silence)
    if (this.#retry) clearTimeout(this.#retry)
    this.#silence = null
    this.#retry = null
  }

  #clear(): void {
    this.#closeStreams()
    if (this.#gather) clearTimeout(this.#gather)
    if (this.#polling) clearInterval(this.#polling)
    this.#gather = null
    this.#polling = null
  }

  #enter(phase: LinkState['phase']): void {
    if (this.#state.phase === phase) return
    this.#state = { phase, sinceMs: Date.now() }
    for (const listener of this.#listeners) listener()
  }
}
