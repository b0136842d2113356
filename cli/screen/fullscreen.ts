/**
 * The terminal taken over and given back. Ink 6 has no alternate screen of its own: enter `?1049`, hide the cursor, and
 * undo both however the program ends.
 *
 * Ink makes the frames and this draws them, each changed line at its own place. Ink 6.8's incremental drawing moves by
 * relative steps and is one row off where a frame ends with a line break, which a frame below full height always does; at
 * full height it erases the scrollback with each frame. Places cannot drift, and nothing but lines is ever sent.
 */
const ENTER = '\x1b[?1049h\x1b[?25l\x1b[2J'
const LEAVE = '\x1b[0m\x1b[?25h\x1b[?1049l'
/** Synchronized output: terminals that know it show the frame at once, others ignore it. */
const BEGIN_FRAME = '\x1b[?2026h'
const END_FRAME = '\x1b[?2026l'

export interface TakenScreen {
  /** For ink in debug mode: each write is a whole frame. Size and resize events are the terminal's own. */
  readonly stdout: NodeJS.WriteStream
  /** Draws the next frame whole. */
  readonly erase: () => void
  /** Gives the terminal back as it was; later frames are not drawn. Idempotent. */
  readonly leave: () => void
}

export function takeScreen(terminal: NodeJS.WriteStream): TakenScreen {
  let isTaken = true
  let drawn: readonly string[] = []
  let size = ''
  const leave = () => {
    if (!isTaken) return
    isTaken = false
    process.off('exit', leave)
    terminal.write(LEAVE)
  }
  const draw = (frame: string): boolean => {
    if (!isTaken || frame === '') return true
    const sizeNow = `${terminal.columns}x${terminal.rows}`
    if (sizeNow !== size) drawn = []
    size = sizeNow
    const lines = frame.split('\n').slice(0, terminal.rows)
    const text = frameText(drawn, lines)
    drawn = lines
    return text === '' || terminal.write(text)
  }
  // Whatever ends the process (an uncaught error, a second signal), the terminal is given back.
  process.on('exit', leave)
  terminal.write(ENTER)
  return { stdout: withWrite(terminal, draw), erase: () => (drawn = []), leave }
}

/** What turns the lines on the screen into these; nothing when they are the same. Nothing on the screen: all anew. */
export function frameText(before: readonly string[], lines: readonly string[]): string {
  const changed = lines.flatMap((line, at) => (line === before[at] ? [] : `\x1b[${at + 1};1H\x1b[2K${line}`))
  const isNew = before.length === 0
  const below = before.length > lines.length ? `\x1b[${lines.length + 1};1H\x1b[J` : ''
  if (changed.length === 0 && below === '') return ''
  return `${BEGIN_FRAME}${isNew ? '\x1b[2J' : ''}${changed.join('')}${below}${END_FRAME}`
}

/** The stream with its `write` replaced; everything else is the terminal's own. */
function withWrite(terminal: NodeJS.WriteStream, draw: (frame: string) => boolean): NodeJS.WriteStream {
  const write = (chunk: unknown, ...rest: unknown[]): boolean => {
    const isFree = draw(typeof chunk === 'string' ? chunk : '')
    // Ink ends with an empty write, and waits for it.
    const done = rest.at(-1)
    if (typeof done === 'function') setImmediate(() => done())
    return isFree
  }
  return new Proxy(terminal, {
    get(target, name) {
      if (name === 'write') return write
      const value: unknown = Reflect.get(target, name, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}
