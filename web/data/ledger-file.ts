import type { LedgerEntry } from '../../server/api/history.ts'

const COLUMNS = ['seq', 'atMs', 'actor', 'act', 'targets', 'control', 'reason', 'detail', 'outcome', 'hash'] as const

/** One line per entry, as JSON, oldest fields first: it can be checked against its chain of hashes. */
export function ledgerJsonl(entries: readonly LedgerEntry[]): string {
  return entries.map((entry) => `${JSON.stringify(entry)}\n`).join('')
}

/** RFC 4180. A cell that a spreadsheet would take for a formula is made text: reasons are typed by people. */
export function ledgerCsv(entries: readonly LedgerEntry[]): string {
  const rows = entries.map((entry) => COLUMNS.map((column) => cell(entry[column])).join(','))
  return `${[COLUMNS.join(','), ...rows].join('\r\n')}\r\n`
}

function cell(value: LedgerEntry[keyof LedgerEntry]): string {
  const text = value === null ? '' : Array.isArray(value) ? value.join(' ') : String(value)
  const safe = typeof value !== 'number' && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
