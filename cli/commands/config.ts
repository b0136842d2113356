import { EXIT, type ExitCode } from '../exit.ts'
import { inert } from '../format/inert.ts'
import type { Io } from '../session.ts'

/** One thing wrong with the configuration, as the server finds it. */
export interface ConfigMistake {
  readonly path: string
  readonly expected: string
  readonly found: string | null
}

/** The server's configuration, read by the server's own code: the tool and the server cannot disagree. */
export type ReadConfig = (file: string | null, flags: Readonly<Record<string, unknown>>) => Promise<ConfigAnswer>
export type ConfigAnswer =
  | { readonly ok: true; readonly file: string | null; readonly printed: string; readonly sources: number }
  | { readonly ok: false; readonly file: string | null; readonly mistakes: readonly ConfigMistake[] }

export type ConfigVerb = 'check' | 'print' | 'path'

/** Says whether the configuration is right (78 when not), prints it without secrets, or says where it is. */
export async function config(
  io: Io,
  verb: ConfigVerb,
  { file, read }: { file: string | null; read: ReadConfig },
): Promise<ExitCode> {
  const answer = await read(file, {})
  if (verb === 'path') {
    io.stdout.write(answer.file === null ? '' : `${answer.file}\n`)
    if (answer.file === null)
      io.stderr.write('no file: sluice.yaml in this folder, SLUICE_CONFIG or --config name one\n')
    return EXIT.done
  }
  if (!answer.ok) {
    io.stderr.write(mistakesText(answer))
    return EXIT.badConfig
  }
  if (verb === 'print') io.stdout.write(answer.printed)
  else
    io.stdout.write(
      `${answer.file ?? 'no file'}: good, ${answer.sources} ${answer.sources === 1 ? 'source' : 'sources'}\n`,
    )
  return EXIT.done
}

/** Every mistake, one a line: `config sources.redis-main.url: expected redis://…, found "localhost"`. */
export function mistakesText({ file, mistakes }: { file: string | null; mistakes: readonly ConfigMistake[] }): string {
  const lines = mistakes.map(
    ({ path, expected, found }) => `config ${path}: expected ${expected}, found ${found ?? 'nothing'}`,
  )
  const count = `${mistakes.length} ${mistakes.length === 1 ? 'mistake' : 'mistakes'}`
  return [...lines, `${count} in ${file ?? 'the environment and flags'}`].map((line) => `${inert(line)}\n`).join('')
}
