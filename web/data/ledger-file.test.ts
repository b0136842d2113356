import { expect, test } from 'vitest'
import type { LedgerEntry } from '../../server/api/history.ts'
import { ledgerCsv, ledgerJsonl } from './ledger-file.ts'

const entry = (more: Partial<LedgerEntry> = {}): LedgerEntry => ({
  ...{ seq: 1, atMs: 5, actor: 'ana', act: 'pause', targets: ['r/a', 'r/b'], control: 'ctl_1' },
  ...{ reason: 'SMTP answers 429', detail: 'for 15 m', outcome: 'done', hash: 'ab' },
  ...more,
})

test('a line of the ledger is a line of the file', () => {
  expect(ledgerCsv([entry()])).toBe(
    'seq,atMs,actor,act,targets,control,reason,detail,outcome,hash\r\n' +
      '1,5,ana,pause,r/a r/b,ctl_1,SMTP answers 429,for 15 m,done,ab\r\n',
  )
})

test('a reason can break neither the row nor the spreadsheet', () => {
  const csv = ledgerCsv([entry({ reason: '=HYPERLINK("http://evil"),\nx' })])
  expect(csv).toContain(`"'=HYPERLINK(""http://evil""),\nx"`)
})

test('JSON lines keep every field', () => {
  expect(JSON.parse(ledgerJsonl([entry()]).trimEnd())).toEqual(entry())
})
