import { OpsError } from '../../domain/errors.ts'
import type { Jobs } from '../jobs/create-jobs.ts'
import { defineJob, type Job } from '../jobs/definition.ts'
import type { EnqueueOptions } from '../jobs/producer.ts'
import type { StagedRow } from './staged-rows.ts'

/** A row that can be moved, with its part of the script's arguments. */
export interface ReadyRow {
  readonly row: StagedRow
  readonly words: readonly string[]
  readonly bytes: number
}

/** Turns a row back into what `enqueue` would have sent. Throws OpsError `invalid` when nobody could have staged it so. */
export function prepareRow(jobs: Jobs, row: StagedRow): ReadyRow {
  const args = parse('args', row.argsJson)
  const options = parse('options', row.optionsJson) as EnqueueOptions
  const due = row.dueAtMs === null ? {} : { atMs: row.dueAtMs }
  const { words, bytes } = jobs.prepare(jobAsStaged(row), args, { ...options, ...due, id: row.id, queue: row.queue })
  return { row, words, bytes }
}

/** A relay need not know the jobs: their arguments were checked when they were staged, and are again when they run. */
function jobAsStaged({ job: name, kind, version }: StagedRow): Job<unknown> {
  const basics = { name, version, args: (value: unknown) => value }
  if (kind === 'plain') return defineJob({ ...basics, perform: () => {} })
  if (kind === 'iterating') return defineJob({ ...basics, items: () => [], each: () => {} })
  throw new OpsError('invalid', 'relay', `job "${name}": kind: expected plain or iterating, got "${kind}"`)
}

function parse(column: string, json: string): unknown {
  try {
    return JSON.parse(json)
  } catch (cause) {
    throw new OpsError('invalid', 'relay', `column ${column}: not JSON`, cause)
  }
}
