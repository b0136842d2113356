import { open } from 'node:fs/promises'
import type { ActionPreview } from '../../server/api/control.ts'
import type { JobRow } from '../../server/api/job.ts'
import { JOB_STATES } from '../../server/domain/job.ts'
import { CliFailure, EXIT } from '../exit.ts'
import { inertJson } from '../format/inert.ts'
import type { Session } from '../session.ts'
import { readJobs } from './jobs.ts'

/** Writes the jobs before they are discarded, one a line, into a file that must be new. All of them, or nothing is done. */
export async function exportJobs(
  session: Session,
  { queue, preview }: { queue: string; preview: ActionPreview },
  file: string,
): Promise<void> {
  const wanted = new Set(preview.ids)
  const rows = new Map<string, JobRow>()
  for (const state of JOB_STATES) {
    if (rows.size === wanted.size || state === 'active') continue
    const { items } = await readJobs(session, { queue, state, limit: Number.POSITIVE_INFINITY })
    for (const row of items) if (wanted.has(row.id)) rows.set(row.id, row)
  }
  if (rows.size < wanted.size) {
    const gone = wanted.size - rows.size
    throw new CliFailure(EXIT.conflict, `${gone} of ${wanted.size} jobs are not there any more; nothing was done`)
  }
  let handle: Awaited<ReturnType<typeof open>>
  try {
    handle = await open(file, 'wx', 0o600)
  } catch (error) {
    const why =
      error instanceof Error && 'code' in error && error.code === 'EEXIST' ? 'it exists already' : String(error)
    throw new CliFailure(EXIT.usage, `--export ${file}: ${why}; nothing was done`)
  }
  try {
    await handle.writeFile([...rows.values()].map((row) => `${inertJson(JSON.stringify(row))}\n`).join(''))
    await handle.sync()
  } finally {
    await handle.close()
  }
  const cut = [...rows.values()].filter(
    ({ args, argsBytes }) => args === null || (argsBytes !== null && argsBytes > Buffer.byteLength(args)),
  )
  session.note(
    `wrote ${rows.size} jobs to ${file}${cut.length > 0 ? `; the arguments of ${cut.length} were too long and are cut` : ''}`,
  )
}
