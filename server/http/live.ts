import type { Request, Response } from 'express'
import { LIVE_PATHS_MAX } from '../api/routes.ts'
import type { Board } from '../board/board.ts'
import type { ControlRoom } from '../board/control-room.ts'
import { messageOf } from '../domain/errors.ts'
import type { Log } from '../domain/log.ts'
import { answer } from './answer.ts'
import { ProblemError } from './problem-error.ts'

const READERS_MAX = 100
const TICK_MS = 1_000
const BEAT_MS = 10_000
/** A reader that took nothing for this long is dropped. */
const STALLED_MS = 30_000

/** One open stream: which paths, what waits for it (the latest of each path, never a queue), and when it last took something. */
interface Reader {
  readonly response: Response
  readonly paths: readonly string[]
  readonly waiting: Map<string, string>
  tookAtMs: number
}

/** What was last answered for a path, serialised once for all its readers. `content` leaves out the server's clock. */
interface Followed {
  content: string
  frame: string
}

/**
 * Live queries: every followed path is answered once a second at most, for all its readers together, and sent whole
 * when it changed. A slow reader can miss steps, but what it gets is never wrong and never piles up.
 */
export class Live {
  readonly #board: Board
  readonly #room: ControlRoom
  readonly #log: Log
  readonly #readers = new Set<Reader>()
  readonly #followed = new Map<string, Followed>()
  #timer: NodeJS.Timeout | null = null
  #seen = ''
  #beatAtMs = 0

  constructor(room: ControlRoom, log: Log) {
    this.#room = room
    this.#board = room.board
    this.#log = log
  }

  get readers(): number {
    return this.#readers.size
  }

  /** Opens a stream for `GET /live?path=…&path=…`. @throws ProblemError bad-request, too-many */
  open(request: Request, response: Response): void {
    const asked = new URL(request.originalUrl, 'http://localhost').searchParams
    const paths = [...new Set(asked.getAll('path'))]
    if (paths.length === 0 || paths.length > LIVE_PATHS_MAX || [...asked.keys()].some((key) => key !== 'path')) {
      throw new ProblemError(
        'bad-request',
        `Follow between 1 and ${LIVE_PATHS_MAX} paths, as ?path=/overview&path=/queues`,
      )
    }
    if (this.#readers.size >= READERS_MAX)
      throw new ProblemError('too-many', `${READERS_MAX} live streams are open already`)
    response.writeHead(200, {
      'Content-Type': 'text/event-stream',
      'Cache-Control': 'no-cache, no-transform',
      'X-Accel-Buffering': 'no',
    })
    const reader: Reader = { response, paths, waiting: new Map(), tookAtMs: this.#board.clock.monotonicMs() }
    this.#readers.add(reader)
    response.on('drain', () => this.#drained(reader))
    response.on('close', () => this.#leave(reader))
    response.on('error', () => this.#leave(reader))
    for (const path of paths) {
      if (!this.#followed.has(path)) this.#refresh(path)
      this.#send(reader, path)
    }
    this.#timer ??= setInterval(() => this.#tick(), TICK_MS)
  }

  /** Says goodbye to every reader: clients come back after a moment, at random. */
  close(): void {
    if (this.#timer) clearInterval(this.#timer)
    this.#timer = null
    for (const { response } of this.#readers) response.end('event: bye\ndata: {}\n\n')
    this.#readers.clear()
  }

  #tick(): void {
    const now = this.#board.clock.monotonicMs()
    const beat = now - this.#beatAtMs >= BEAT_MS
    if (beat) this.#beatAtMs = now
    this.#room.look()
    // Nothing was read and no source grew older than its next word: every answer is still the same.
    const seen = `${this.#board.revision} ${this.#board.ages().map(({ state }) => state)}`
    const changed = seen === this.#seen ? new Set<string>() : this.#refreshAll()
    this.#seen = seen
    for (const path of this.#followed.keys()) this.#keepWatched(path)
    for (const reader of this.#readers) {
      if (now - reader.tookAtMs > STALLED_MS && reader.response.writableNeedDrain) {
        this.#log.info('live reader dropped', { waiting: reader.waiting.size })
        reader.response.destroy()
        continue
      }
      for (const path of reader.paths) if (changed.has(path)) this.#send(reader, path)
      if (beat && !reader.response.writableNeedDrain) {
        reader.response.write(`event: beat\ndata: {"nowMs":${this.#board.clock.nowMs()}}\n\n`)
      }
    }
  }

  #refreshAll(): Set<string> {
    return new Set([...this.#followed.keys()].filter((path) => this.#refresh(path)))
  }

  /** Answers one path anew; true when the answer changed. */
  #refresh(path: string): boolean {
    const last = this.#followed.get(path)
    const { event, body } = this.#ask(path)
    const content = JSON.stringify(body, (key, value) => (key === 'asOfMs' ? undefined : value))
    if (last && last.content === content) return false
    const data = JSON.stringify(event === 'result' ? { path, body } : { path, problem: body })
    this.#followed.set(path, { content, frame: `event: ${event}\ndata: ${data}\n\n` })
    return true
  }

  #ask(path: string): { event: 'result' | 'problem'; body: object } {
    try {
      return { event: 'result', body: answer(this.#room, path) }
    } catch (error) {
      if (error instanceof ProblemError) return { event: 'problem', body: error.problem }
      this.#log.error('answer failed', { path, message: messageOf(error) })
      return { event: 'problem', body: new ProblemError('internal', 'This could not be answered').problem }
    }
  }

  /** A followed path is looked at also while its answer does not change. */
  #keepWatched(path: string): void {
    const [, list, source, tail] = path.split('?')[0]?.split('/') ?? []
    if (list && source && tail) this.#board.watch(decodeURIComponent(source), decodeURIComponent(tail))
  }

  #send(reader: Reader, path: string): void {
    const frame = this.#followed.get(path)?.frame
    if (!frame) return
    if (reader.response.writableNeedDrain) reader.waiting.set(path, frame)
    else reader.response.write(frame)
  }

  #drained(reader: Reader): void {
    reader.tookAtMs = this.#board.clock.monotonicMs()
    for (const [path, frame] of reader.waiting) {
      reader.waiting.delete(path)
      if (!reader.response.write(frame)) return
    }
  }

  #leave(reader: Reader): void {
    this.#readers.delete(reader)
    const still = new Set([...this.#readers].flatMap(({ paths }) => paths))
    for (const path of this.#followed.keys()) if (!still.has(path)) this.#followed.delete(path)
    if (this.#readers.size > 0 || !this.#timer) return
    clearInterval(this.#timer)
    this.#timer = null
  }
}
