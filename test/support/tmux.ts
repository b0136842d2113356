import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eventually } from './eventually.ts'

const ROOT = join(import.meta.dirname, '..', '..')
const PROGRAM = ['--import', 'tsx', join(ROOT, 'cli', 'main.ts')]

/** What `tmux -V` says; null where it is not installed. */
export function tmuxVersion(): string | null {
  try {
    return execFileSync('tmux', ['-V'], { encoding: 'utf8' }).trim()
  } catch {
    return null
  }
}

export interface TmuxScreen {
  /** Waits until the visible screen holds the text. */
  shows(text: string): Promise<void>
  text(): string
  /** The same with its colours, as escape sequences. */
  painted(): string
  keys(...keys: string[]): void
  /** To the program itself. */
  signal(name: NodeJS.Signals): void
  resize(columns: number, rows: number): void
  isAlternate(): boolean
  /** Every byte that the program sent. */
  sent(): string
  stop(): void
}

/** The program, from its sources unless another is named, in a terminal of its own, 100×24, in a tmux server of its own; afterwards its exit code and the terminal's modes. */
export function startTmux(
  argv: readonly string[],
  env: Record<string, string>,
  program: readonly string[] = PROGRAM,
): TmuxScreen {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-tmux-'))
  const [socket, log, pid, script] = ['socket', 'sent', 'pid', 'run.sh'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
    string,
  ]
  const tmux = (...words: string[]) =>
    execFileSync('tmux', ['-S', socket, '-f', '/dev/null', ...words], { encoding: 'utf8' })
  const all = { LANG: 'C.UTF-8', TERM: 'xterm-256color', ...env }
  const exports = Object.entries(all).map(([name, value]) => `export ${name}='${value}'`)
  const command = [process.execPath, ...program, ...argv].map((word) => `"${word}"`).join(' ')
  // The pane waits for its recorder, so that the first bytes are recorded too.
  const lines = [
    `while [ ! -e '${log}' ]; do sleep 0.05; done`,
    ...exports,
    `cd '${ROOT}'`,
    `sh -c 'echo $$ > "${pid}"; exec ${command}'`,
    'echo "exit $?"; stty -a; sleep 300',
  ]
  writeFileSync(script, `${lines.join('\n')}\n`)
  tmux('new-session', '-d', '-x', '100', '-y', '24', `sh '${script}'`)
  tmux('pipe-pane', `cat > '${log}'`)
  const text = () => tmux('capture-pane', '-p')
  return {
    shows: async (wanted) => {
      await eventually(() => text().includes(wanted) || Promise.reject(new Error(`no "${wanted}" in\n${text()}`)), {
        timeoutMs: 15_000,
      })
    },
    text,
    painted: () => tmux('capture-pane', '-p', '-e'),
    keys: (...keys) => {
      for (const key of keys) tmux('send-keys', key)
    },
    signal: (name) => process.kill(Number(readFileSync(pid, 'utf8')), name),
    resize: (columns, rows) => {
      tmux('resize-window', '-x', String(columns), '-y', String(rows))
    },
    isAlternate: () => tmux('display', '-p', '#{alternate_on}').trim() === '1',
    sent: () => readFileSync(log, 'utf8'),
    stop: () => {
      tmux('kill-server')
      rmSync(folder, { recursive: true })
    },
  }
}
