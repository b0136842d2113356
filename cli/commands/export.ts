import { open, rm } from 'node:fs/promises'
import type { ActionPreview } from '../../server/api/control.ts'
import type { JobRow } from '../../server/api/job.ts'
import type { JobState } from '../../server/domain/job.ts'
import { CliFailure, EXIT } from '../exit.ts'
import { inertJson } from '../format/inert.ts'
import type { Session } from '../session.ts'
import { jobPages } from './jobs.ts'

/** Where jobs that are thrown away usually are comes first. Those in hand are not thrown away. */
const SEARCHED: readonly JobState[] = ['dead', 'retrying', 'delayed', 'held', 'pending']
/** Jobs looked at for those that are wanted: a minute of reading. Whoever names a state seldom needs more. */
const SEARCHED_MAX = 100_000

interface Wanted {
  readonly queue: string
  readonly preview: ActionPreview
  /** The state they are known to be in; null = any. */
  readonly state: JobState | null
}

/** Writes the jobs before they are discarded, one a line, into a file that must be new. All of them, or nothing is done. */
export async function exportJobs(session: Session, wanted: Wanted, file: string): Promise<void> {
  let handle: Awaited<ReturnType<typeof open>>
  try {
    handle = await open(file, 'wx', 0o600)
  } catch (error) {
    const exists = error instanceof Error && 'code' in error && error.code === 'EEXIST'
    throw new CliFailure(EXIT.usage, `--export ${file}: ${exists ? 'it exists already' : error}; nothing was done`)
  }
  let rows: readonly JobRow[]
  try {
    rows = await findJobs(session, wanted)
    await handle.writeFile(rows.map((row) => `${inertJson(JSON.stringify(row))}\n`).join(''))
    await handle.sync()
  } catch (error) {
    await handle.close()
    await rm(file, { force: true })
    throw error
  }
  await handle.close()
  const cut = rows.filter(({ args, argsBytes }) => args === null || (argsBytes ?? 0) > Buffer.byteLength(args))
  const words = cut.length === 0 ? '' : `; the arguments of ${cut.length} were too long and are cut`
  session.note(`wrote ${rows.length} jobs to ${file}${words}`)
}

async function findJobs(session: Session, { queue, preview, state }: Wanted): Promise<readonly JobRow[]> {
  const ids = new Set(preview.ids)
  const found = new Map<string, JobRow>()
  let looked = 0
  for (const one of state === null ? SEARCHED : [state]) {
    for await (const page of jobPages(session, { queue, state: one, limit: SEARCHED_MAX })) {
      for (const row of page.items) if (ids.has(row.id)) found.set(row.id, row)
      if (found.size === ids.size) return [...found.values()]
      looked += page.items.length
      if (looked >= SEARCHED_MAX) {
        const hint = 'name a --state, or discard without them by --no-export'
        throw new CliFailure(EXIT.failed, `not all were found among ${looked} jobs: ${hint}; nothing was done`)
      }
    }
  }
  const gone = ids.size - found.size
  throw new CliFailure(EXIT.conflict, `${gone} of ${ids.size} jobs are not there any more; nothing was done`)
}
