/**
 * The terminal taken over and given back. Ink 6 has no alternate screen of its own: enter `?1049`, hide the cursor, and
 * undo both however the program ends.
 */
const ENTER = '\x1b[?1049h\x1b[?25l\x1b[H\x1b[2J'
const LEAVE = '\x1b[?25h\x1b[?1049l'
/** Ink clears with "erase scrollback" when the window shrinks; people's scrollback is theirs. */
const ERASE_SCROLLBACK = '\x1b[3J'

/** A terminal that can be written to, as far as it is used here. */
export type TtyOut = NodeJS.WriteStream

export interface TakenScreen {
  /** For ink: the same terminal, without what must not reach it. */
  readonly stdout: NodeJS.WriteStream
  /** Erases what is there, so that the next frame is drawn whole. */
  readonly erase: () => void
  /** Gives the terminal back as it was. Idempotent. */
  readonly leave: () => void
}

export function takeScreen(terminal: TtyOut): TakenScreen {
  let isTaken = true
  const leave = () => {
    if (!isTaken) return
    isTaken = false
    process.off('exit', leave)
    terminal.write(LEAVE)
  }
  // Whatever ends the process (an uncaught error, a second signal), the terminal is given back.
  process.on('exit', leave)
  terminal.write(ENTER)
  return { stdout: withoutErasingScrollback(terminal), erase: () => terminal.write('\x1b[H\x1b[2J'), leave }
}

/** The stream with its `write` replaced; everything else, size and resize events too, is the terminal's own. */
function withoutErasingScrollback(terminal: NodeJS.WriteStream): NodeJS.WriteStream {
  const write = (chunk: unknown, ...rest: unknown[]) => {
    const kept = typeof chunk === 'string' ? chunk.replaceAll(ERASE_SCROLLBACK, '') : chunk
    return Reflect.apply(terminal.write, terminal, [kept, ...rest])
  }
  return new Proxy(terminal, {
    get(target, name) {
      if (name === 'write') return write
      const value: unknown = Reflect.get(target, name, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}
