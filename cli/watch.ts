import type { ListBody } from '../server/api/freshness.ts'
import type { AnyRow } from './commands/list.ts'
import { type CliFailure, EXIT, type ExitCode, usage } from './exit.ts'
import { follow, type Link } from './follow.ts'
import { formatClock } from './format/figures.ts'
import { lateSources } from './format/fresh.ts'
import { inertJson } from './format/inert.ts'
import { cutText } from './format/line.ts'
import { type Listing, tableOf } from './print.ts'
import type { Session } from './session.ts'

interface Watched {
  /** Windows of one list, side by side. */
  readonly paths: readonly string[]
  readonly listing: (body: ListBody<AnyRow>) => Listing<AnyRow>
  readonly everyMs: number
}

/**
 * Follows a list until it is interrupted: on a terminal repainted in place, at most every `everyMs`; in a pipe one line
 * of JSON, the whole body, for each change.
 */
export async function watchListing(session: Session, watched: Watched): Promise<ExitCode> {
  const { out, output } = session
  const isLines = output === 'jsonl'
  if (!isLines && (!out.isTty || output !== 'table')) {
    throw usage(out.isTty ? '--watch shows a table, or -o jsonl' : '--watch in a pipe needs -o jsonl')
  }
  // Read once first: a server that is not there, or a wrong filter, is an error and not a screen that waits.
  for (const path of watched.paths) await session.api.get(path)
  const painter = isLines ? null : new Painter(session, watched)
  const bodies = new Map<string, ListBody<AnyRow>>()
  const stop = new AbortController()
  const signal = AbortSignal.any([session.io.interrupt, stop.signal])
  let failure: CliFailure | null = null
  let lastMs = Number.NEGATIVE_INFINITY
  let timer: NodeJS.Timeout | null = null
  const show = () => {
    timer = null
    lastMs = performance.now()
    const body = joined(watched.paths, bodies)
    if (!body) return
    if (painter) painter.paint(body)
    else session.write(`${inertJson(JSON.stringify(body))}\n`)
  }
  const showSoon = () => {
    timer ??= setTimeout(show, Math.max(0, lastMs + watched.everyMs - performance.now()))
  }
  await follow(
    session.api,
    watched.paths,
    {
      onResult: (path, body) => {
        bodies.set(path, body as ListBody<AnyRow>)
        showSoon()
      },
      onProblem: (_, problem) => {
        failure = problem
        stop.abort()
      },
      onLink: (link) => {
        if (painter) {
          painter.link = link
          // What is on the screen stops being live now, not with the next answer.
          if (link.state === 'lost') showSoon()
        } else if (link.state === 'lost') session.note(`live updates lost (${link.why}), polling every 5s`)
      },
    },
    signal,
  )
  if (timer) clearTimeout(timer)
  if (failure) throw failure
  return EXIT.interrupted
}

/** The windows as one list; null until each has come. */
function joined(paths: readonly string[], bodies: ReadonlyMap<string, ListBody<AnyRow>>): ListBody<AnyRow> | null {
  const parts = paths.map((path) => bodies.get(path)).filter((part) => part !== undefined)
  const [first] = parts
  if (!first || parts.length < paths.length) return null
  const items = new Map(parts.flatMap((part) => part.items.map((item) => [item.ref, item] as const)))
  return { ...(parts.at(-1) ?? first), offset: first.offset, items: [...items.values()] }
}

/** Repaints some lines in place, on the normal screen: what was above stays, and so does the last picture. */
class Painter {
  link: Link = { state: 'connecting' }
  readonly #session: Session
  readonly #watched: Watched
  #painted = 0

  constructor(session: Session, watched: Watched) {
    this.#session = session
    this.#watched = watched
  }

  paint(body: ListBody<AnyRow>): void {
    const { io, out, write } = this.#session
    const width = out.width ?? 80
    const room = Math.max(3, (io.stdout.rows ?? 24) - 2)
    const table = tableOf(this.#session, this.#watched.listing(body), width).trimEnd().split('\n')
    const late = lateSources(body).map((line) => cutText(line, width, out.glyphs.ellipsis))
    const link = this.link.state === 'lost' ? ` · live updates lost (${this.link.why}), polling every 5s` : ''
    const shown = table.slice(0, Math.max(1, room - late.length))
    const count = `${shown.length - 1} of ${body.total}`
    const head = cutText(`${formatClock(body.asOfMs)}  ${count}${link}  Ctrl-C ends`, width, out.glyphs.ellipsis)
    const lines = [head, ...late, ...shown]
    const up = this.#painted > 0 ? `\x1b[${this.#painted}A` : ''
    write(`${up}\r${lines.map((line) => `${line}\x1b[K\n`).join('')}\x1b[J`)
    this.#painted = lines.length
  }
}
