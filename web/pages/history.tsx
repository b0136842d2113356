import { useNavigate, useSearch } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import type { HistoryList, LedgerEntry } from '../../server/api/history.ts'
import { listPath } from '../../server/api/paths.ts'
import { ask } from '../data/answer.ts'
import { ledgerCsv, ledgerJsonl } from '../data/ledger-file.ts'
import { useSession } from '../data/session.ts'
import { showToast } from '../data/toasts.ts'
import { useNow } from '../data/use-now.ts'
import { useRead } from '../data/use-read.ts'
import { formatInstant, formatWhole } from '../format.ts'
import { Empty, Panel, Skeleton } from '../parts/panel.tsx'
import { RefLink } from '../parts/ref-link.tsx'
import { Table, type TableColumn } from '../parts/table.tsx'
import { useTitle } from '../parts/use-title.ts'
import styles from './history.module.css'

const PAGE_ROWS = 100
/** Read anew this often: the ledger is not followed. */
const REFRESH_MS = 5_000
const FILE_ROWS_MAX = 10_000

/** The ledger: who did what, to what, why, and what was refused; newest first. */
export function HistoryPage() {
  useTitle('History')
  const search = useSearch({ from: '/history' })
  const navigate = useNavigate()
  const { actor } = useSession()
  const [offset, setOffset] = useState(0)
  const mine = search.mine && actor !== null ? actor : undefined
  const query = { filter: search.filter, actor: mine }
  // biome-ignore lint/correctness/useExhaustiveDependencies: another filter begins at its first page
  useEffect(() => setOffset(0), [search.filter, mine])
  const path = listPath('history', { ...query, offset: offset || undefined, limit: PAGE_ROWS })
  const { body, why } = useRead<HistoryList>(path, { everyMs: REFRESH_MS })
  const set = (next: { filter?: string | undefined; mine?: boolean | undefined }) =>
    void navigate({ to: '.', search: { ...search, ...next }, replace: true })
  return (
    <>
      <header className={styles.head}>
        <h1>History</h1>
        {body && <Chain body={body} />}
        <span className={styles.grow} />
        <FilterField filter={search.filter ?? ''} onFilter={(filter) => set({ filter: filter || undefined })} />
        <button
          type="button"
          aria-pressed={search.mine ?? false}
          disabled={actor === null}
          onClick={() => set({ mine: !search.mine || undefined })}
        >
          Only mine
        </button>
        <button type="button" disabled={!body?.total} onClick={() => void download(query, 'csv')}>
          CSV
        </button>
        <button type="button" disabled={!body?.total} onClick={() => void download(query, 'jsonl')}>
          JSONL
        </button>
      </header>
      <Panel
        title="Ledger"
        note={body ? `${formatWhole(body.total)} ${body.total === 1 ? 'entry' : 'entries'}, newest first` : undefined}
      >
        {!body ? (
          why === null ? (
            <Skeleton rows={8} what="the ledger" />
          ) : (
            <Empty>{why}</Empty>
          )
        ) : body.items.length === 0 ? (
          <Empty>
            {search.filter || mine
              ? 'Nothing in the ledger matches.'
              : 'Nothing has been done yet. Every pause, throttle, retry and refused attempt will stand here, each line chained to the one before.'}
          </Empty>
        ) : (
          <Table
            label="Ledger"
            columns={COLUMNS}
            rows={body.items}
            keyOf={({ seq }) => String(seq)}
            shadeOf={shadeOf}
          />
        )}
        {body && body.total > body.items.length && (
          <p className={styles.pages}>
            <button type="button" disabled={offset === 0} onClick={() => setOffset(Math.max(0, offset - PAGE_ROWS))}>
              Newer
            </button>
            <span className="soft">
              {formatWhole(offset + 1)}–{formatWhole(offset + body.items.length)} of {formatWhole(body.total)}
            </span>
            <button
              type="button"
              disabled={offset + PAGE_ROWS >= body.total}
              onClick={() => setOffset(offset + PAGE_ROWS)}
            >
              Older
            </button>
          </p>
        )}
      </Panel>
    </>
  )
}

/** Whether nobody changed what was written: the chain of hashes, checked by the server. */
function Chain({ body: { isIntact, fault } }: { readonly body: HistoryList }) {
  if (isIntact && fault === null) return <p data-tone="fine">✓ the chain holds: no line was changed</p>
  return (
    <p data-tone="critical" role="alert">
      ✖ {fault ?? 'the chain is broken'}
    </p>
  )
}

interface FilterFieldProps {
  readonly filter: string
  readonly onFilter: (filter: string) => void
}

function FilterField({ filter, onFilter }: FilterFieldProps) {
  const [text, setText] = useState(filter)
  useEffect(() => setText(filter), [filter])
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        onFilter(text.trim())
      }}
    >
      <input
        type="search"
        aria-label="Filter the ledger by target, reason, person or control"
        placeholder="target, reason, person…"
        value={text}
        onChange={({ target }) => setText(target.value)}
        onBlur={() => onFilter(text.trim())}
      />
    </form>
  )
}

const shadeOf = ({ outcome }: LedgerEntry) => (outcome === 'failed' || outcome === 'refused' ? 'critical' : null)

function At({ atMs }: { readonly atMs: number }) {
  return (
    <time className={styles.at} dateTime={new Date(atMs).toISOString()} title={new Date(atMs).toISOString()}>
      {formatInstant(atMs, useNow())}
    </time>
  )
}

const TARGETS_SHOWN = 3

const COLUMNS: readonly TableColumn<LedgerEntry>[] = [
  { key: 'at', label: 'When', start: true, cell: ({ atMs }) => <At atMs={atMs} /> },
  { key: 'actor', label: 'Who', start: true, wide: true, cell: ({ actor }) => <b>{actor}</b> },
  {
    ...{ key: 'act', label: 'Act', start: true },
    cell: ({ act, outcome }) => (
      <span className={styles.at}>
        {act}
        {outcome !== 'done' && <b data-tone={outcome === 'partly' ? 'warning' : 'critical'}> {outcome}</b>}
      </span>
    ),
  },
  {
    ...{ key: 'targets', label: 'Targets', start: true },
    cell: ({ targets, actor, detail, reason }) => (
      <>
        {targets.slice(0, TARGETS_SHOWN).map((target, index) => (
          <span key={target}>
            {index > 0 && ', '}
            <RefLink to={target} />
          </span>
        ))}
        {targets.length > TARGETS_SHOWN && (
          <span className="soft" title={targets.join(', ')}>
            {` + ${targets.length - TARGETS_SHOWN} more`}
          </span>
        )}
        <span className={styles.narrow}>
          {actor}: {detail}
          {reason !== null && ` “${reason}”`}
        </span>
      </>
    ),
  },
  { key: 'detail', label: 'What', start: true, wide: true, cell: ({ detail }) => detail },
  {
    key: 'reason',
    label: 'Reason',
    start: true,
    wide: true,
    cell: ({ reason }) => <span className="soft">{reason ?? ''}</span>,
  },
  {
    ...{ key: 'seq', label: 'Line', wide: true },
    cell: ({ seq, hash }) => (
      <span className="soft" title={`SHA-256 ${hash}`}>
        {seq}
      </span>
    ),
  },
]

/** The ledger as a file, made in the browser from the same pages that are shown. */
async function download(
  query: { filter: string | undefined; actor: string | undefined },
  form: 'csv' | 'jsonl',
): Promise<void> {
  const entries: LedgerEntry[] = []
  try {
    for (let total = 1; entries.length < Math.min(total, FILE_ROWS_MAX); ) {
      const { body, problem } = await ask<HistoryList>(
        listPath('history', { ...query, offset: entries.length || undefined, limit: 200 }),
      )
      if (!body) return showToast(problem?.detail ?? 'The ledger could not be read', 'warning')
      total = body.total
      entries.push(...body.items)
      if (body.items.length === 0) break
    }
  } catch (error) {
    return showToast(error instanceof Error ? error.message : 'The ledger could not be read', 'warning')
  }
  const text = form === 'csv' ? ledgerCsv(entries) : ledgerJsonl(entries)
  const link = document.createElement('a')
  link.href = URL.createObjectURL(new Blob([text], { type: form === 'csv' ? 'text/csv' : 'application/x-ndjson' }))
  link.download = `sluice-history-${new Date().toISOString().slice(0, 10)}.${form}`
  link.click()
  URL.revokeObjectURL(link.href)
}
