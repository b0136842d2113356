import { Box, render, Text, useInput } from 'ink'
import { useSyncExternalStore } from 'react'
import type { OverviewBody } from '../../server/api/overview.ts'
import { OVERVIEW_PATH } from '../../server/api/paths.ts'
import { CliFailure, EXIT, type ExitCode, failureOf } from '../exit.ts'
import { paint } from '../format/line.ts'
import { loadTables } from '../format/width.ts'
import type { Session } from '../session.ts'
import { drawTop, roomOf } from './draw.ts'
import { FollowSet } from './follow-set.ts'
import { keyOf } from './form.ts'
import { applyForm, askPreview, Previewer } from './form-requests.ts'
import { takeScreen } from './fullscreen.ts'
import { keyNames } from './keys.ts'
import {
  followedPaths,
  openQuestion,
  startModel,
  type TopModel,
  withApplied,
  withLink,
  withPreview,
  withProblem,
  withRefusal,
  withResult,
  withRoom,
} from './model.ts'
import { type Effect, step } from './step.ts'

/** The first answer, before the terminal is taken over: a server that is not there is a plain error. */
const FIRST_MS = 10_000
const REQUEST_MS = 10_000
/** Ages tick. */
const TICK_MS = 1_000

export interface Terminal {
  readonly stdin: NodeJS.ReadStream
  readonly stdout: NodeJS.WriteStream
}

/** Runs the screen until it is quit. Exit 0 by `q`, 130 by Ctrl-C or a signal. */
export async function top(
  session: Session,
  { source, faults }: { source: string | null; faults: boolean },
  terminal: Terminal = process,
): Promise<ExitCode> {
  const { io, out } = session
  if (!terminal.stdin.isTTY) throw new CliFailure(EXIT.usage, 'top needs a keyboard: stdin is not a terminal')
  await loadTables()
  const api = session.api.until(io.interrupt, REQUEST_MS)
  const firstApi = session.api.until(io.interrupt, FIRST_MS)
  const overview = await firstApi.get<OverviewBody>(OVERVIEW_PATH)
  if (source !== null && !overview.sources.some((one) => one.source === source)) {
    const known = overview.sources.map((one) => `  ${one.source}`)
    throw new CliFailure(
      EXIT.notFound,
      `no source is called "${source}"${known.length > 0 ? '; there are' : ''}`,
      known,
    )
  }
  const started = withResult(startModel({ source, faults }), OVERVIEW_PATH, {
    body: overview,
    monotonicMs: performance.now(),
  })
  const store = new Store(started, (model) => withRoom(model, roomOf(rowsOf(terminal.stdout), model)))
  const previewer = new Previewer(async (question) => {
    const key = keyOf(question)
    try {
      const body = await askPreview(api, question)
      store.set(withPreview(store.model, key, { body }))
    } catch (error) {
      store.set(withPreview(store.model, key, { problem: messageOf(error) }))
    }
  })
  const follower = new FollowSet(api, {
    onResult: (path, body) => store.set(withResult(store.model, path, { body, monotonicMs: performance.now() })),
    onProblem: (path, failure) => store.set(withProblem(store.model, path, failure.message)),
    onLink: (link) => store.set(withLink(store.model, link, performance.now())),
  })
  store.listen(() => {
    follower.set(followedPaths(store.model))
    previewer.set(openQuestion(store.model))
  })

  const screen = takeScreen(terminal.stdout)
  let code: ExitCode = EXIT.done
  const drawn = { glyphs: out.glyphs, server: api.server.host, color: out.color }
  const app = render(<Top store={store} terminal={screen.stdout} drawn={drawn} onEffect={onEffect} />, {
    stdout: screen.stdout,
    stdin: terminal.stdin,
    exitOnCtrlC: false,
    patchConsole: false,
    // One write, one whole frame: the screen draws what changed.
    debug: true,
  })
  const tick = setInterval(() => store.set({ ...store.model }), TICK_MS)
  const onResize = () => store.set({ ...store.model })
  terminal.stdout.on('resize', onResize)
  const end = (ending: ExitCode) => {
    code = ending
    screen.leave()
    app.unmount()
  }
  const onInterrupt = () => end(EXIT.interrupted)
  io.interrupt.addEventListener('abort', onInterrupt, { once: true })
  store.set({ ...store.model })
  try {
    await app.waitUntilExit()
  } finally {
    io.interrupt.removeEventListener('abort', onInterrupt)
    terminal.stdout.off('resize', onResize)
    clearInterval(tick)
    follower.close()
    previewer.close()
    screen.leave()
  }
  return code

  function onEffect(effect: Effect): void {
    if (effect.do === 'quit') {
      end(effect.interrupted ? EXIT.interrupted : EXIT.done)
    } else if (effect.do === 'copy') {
      // OSC 52: the terminal, also at the far end of an ssh, puts it into the clipboard.
      terminal.stdout.write(`\x1b]52;c;${Buffer.from(effect.text).toString('base64')}\x07`)
    } else if (effect.do === 'apply') {
      void applyForm(api, effect.form, performance.now() + (store.model.data.clockOffsetMs ?? 0)).then(
        (applied) => store.set(withApplied(store.model, applied)),
        (error) => store.set(withRefusal(store.model, messageOf(error))),
      )
    } else {
      screen.erase()
      store.set({ ...store.model })
    }
  }
}

/** The model, and who wants to know when it moves. */
class Store {
  model: TopModel
  readonly #listeners = new Set<() => void>()

  readonly #fit: (model: TopModel) => TopModel

  constructor(model: TopModel, fit: (model: TopModel) => TopModel) {
    this.model = model
    this.#fit = fit
  }

  set(model: TopModel): void {
    this.model = this.#fit(model)
    for (const listener of this.#listeners) listener()
  }

  readonly listen = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  readonly snapshot = (): TopModel => this.model
}

interface TopProps {
  readonly store: Store
  readonly terminal: NodeJS.WriteStream
  readonly drawn: {
    readonly glyphs: Parameters<typeof drawTop>[1]['glyphs']
    readonly server: string
    readonly color: boolean
  }
  readonly onEffect: (effect: Effect) => void
}

/** Ink reads the keys and writes what changed; the lines themselves are made by `drawTop`. */
function Top({ store, terminal, drawn, onEffect }: TopProps) {
  const model = useSyncExternalStore(store.listen, store.snapshot)
  useInput((input, key) => {
    for (const name of keyNames(input, key)) {
      const stepped = step(store.model, name, performance.now())
      store.set(stepped.model)
      if (stepped.effect) onEffect(stepped.effect)
    }
  })
  const rows = rowsOf(terminal)
  const columns = terminal.columns || 80
  const lines = drawTop(model, { ...drawn, columns, rows, monotonicMs: performance.now() })
  return (
    <Box flexDirection="column" width={columns} height={rows}>
      {lines.map((line, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a line of the screen is its place
        <Text key={at} wrap="truncate">
          {paint(line, drawn.color) || ' '}
        </Text>
      ))}
    </Box>
  )
}

function messageOf(error: unknown): string {
  const failure = failureOf(error)
  return [failure.message, ...failure.lines.map((line) => line.trim())].join('; ')
}

function rowsOf(terminal: NodeJS.WriteStream): number {
  return Math.max(1, terminal.rows || 24)
}
