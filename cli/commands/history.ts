import type { HistoryList } from '../../server/api/history.ts'
import { listPath } from '../../server/api/paths.ts'
import { HISTORY_COLUMNS } from '../columns/history-columns.ts'
import { EXIT, type ExitCode } from '../exit.ts'
import { checkFields, printListing } from '../print.ts'
import type { Session } from '../session.ts'

export interface HistoryOptions {
  /** Ms back from now. */
  readonly since?: number
  readonly actor?: string
  readonly limit: number
  readonly exitCode?: boolean
}

const PAGE_ROWS = 200

/** The ledger, newest first: who did what, to what, why, and what was refused. */
export async function history(session: Session, text: string | undefined, options: HistoryOptions): Promise<ExitCode> {
  checkFields(HISTORY_COLUMNS, session.fields)
  const { since, actor, limit } = options
  const sinceMs = since === undefined ? undefined : Math.max(0, Date.now() - since)
  const items = new Map<number, HistoryList['items'][number]>()
  const page = async (offset: number) => {
    const window = { offset, limit: Math.min(PAGE_ROWS, limit - offset) }
    const read = await session.api.read<HistoryList>(listPath('history', { filter: text, actor, sinceMs, ...window }))
    for (const item of read.items) items.set(item.seq, item)
    return read
  }
  let body = await page(0)
  // A line written meanwhile moves the others down: one seen twice is kept once.
  for (let offset = PAGE_ROWS; offset < Math.min(limit, body.total); offset += PAGE_ROWS) body = await page(offset)
  const rows = [...items.values()].slice(0, limit)
  const whole = { ...body, offset: 0, items: rows }
  await printListing(session, {
    body: whole,
    rows,
    columns: HISTORY_COLUMNS,
    nameOf: ({ seq }) => String(seq),
  })
  if (body.total === 0) session.note('nothing was done yet, or nothing matches')
  if (rows.length < body.total) session.note(`${rows.length} of ${body.total} lines shown: --limit ${body.total}`)
  if (body.fault !== null) session.note(`the history is not sound: ${body.fault}`)
  else if (!body.isIntact) session.note('the history is not sound: its chain of hashes does not hold')
  return options.exitCode && !body.isIntact ? EXIT.condition : EXIT.done
}
