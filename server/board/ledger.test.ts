import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Ledger, type NewRecord } from './ledger.ts'

const clock = { nowMs: () => 1_790_000_000_000, monotonicMs: () => 0 }
let folder = ''
let path = ''
let told: { event: string; fields: Record<string, unknown> | undefined }[] = []
const tell = (event: string, fields?: Record<string, unknown>) => void told.push({ event, fields })
const log = { debug() {}, info() {}, warn: tell, error: tell }
const open: Ledger[] = []

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-ledger-'))
  path = join(folder, 'ledger.jsonl')
  told = []
})
afterEach(async () => {
  for (const one of open.splice(0)) await one.close()
  rmSync(folder, { recursive: true })
})

async function opened(): Promise<Ledger & { readonly reasons: string[] }> {
  const reasons: string[] = []
  const ledger = await Ledger.open({ folder, clock, log }, ({ reason }) => void reasons.push(reason ?? ''))
  open.push(ledger)
  return Object.assign(ledger, { reasons })
}

const entry = (reason: string): NewRecord => ({
  ...{ actor: 'ana', act: 'pause', targets: ['redis-main/mail'], control: 'ctl_0123456789', reason },
  ...{ detail: 'paused for 15 m', outcome: 'done' },
})

/** A closed ledger of some lines. */
async function written(...reasons: string[]): Promise<Buffer[]> {
  const ledger = await opened()
  for (const reason of reasons) await ledger.append(entry(reason))
  await ledger.close()
  open.splice(0)
  return readFileSync(path, 'latin1')
    .split('\n')
    .slice(0, -1)
    .map((line) => Buffer.from(line, 'latin1'))
}

async function faultOf(bytes: Buffer): Promise<string | null> {
  writeFileSync(path, bytes)
  const ledger = await opened()
  const { fault } = ledger
  await ledger.close()
  open.splice(0)
  return fault
}

test('what was entered is there after a restart, in order, and the next line follows it', async () => {
  await written('the first reason', 'the second reason')
  const again = await opened()
  expect(again.reasons).toEqual(['the first reason', 'the second reason'])
  expect(await again.append(entry('the third reason'))).toMatchObject({ seq: 3 })
  expect(again.page({ offset: 0, limit: 2 })).toMatchObject({
    total: 3,
    items: [{ seq: 3 }, { seq: 2, reason: 'the second reason' }],
  })
  expect(again).toMatchObject({ isIntact: true, fault: null })
  expect(statSync(path).mode & 0o777).toBe(0o600)
})

test('lines are found by text, by actor and by time', async () => {
  const ledger = await opened()
  await ledger.append(entry('bounces are on fire'))
  await ledger.append({ ...entry('deploy of the mailer'), actor: 'ben' })
  const total = (query: object) => ledger.page({ offset: 0, limit: 10, ...query }).total
  expect([total({ filter: 'FIRE' }), total({ filter: 'redis-main/mail' }), total({ actor: 'ben' })]).toEqual([1, 2, 1])
  expect(total({ sinceMs: clock.nowMs() + 1 })).toBe(0)
})

test('any change of a single byte names the line it is in, and the lines behind it still count', async () => {
  const lines = await written('reason one', 'reason two', 'reason three')
  const whole = Buffer.concat(lines.flatMap((line) => [line, Buffer.from('\n')]))
  const head = readFileSync(join(folder, 'ledger.head'))
  let at = 0
  for (const [index, line] of lines.entries()) {
    for (let offset = 0; offset <= line.length; offset++) {
      const changed = Buffer.from(whole)
      changed[at + offset] = (changed[at + offset] ?? 0) ^ 1
      writeFileSync(join(folder, 'ledger.head'), head)
      const fault = await faultOf(changed)
      const isCut = index === lines.length - 1 && offset === line.length
      expect(`${index}+${offset}: ${fault}`).toContain(
        isCut ? 'line 3 is missing from the end' : `line ${index + 1} was changed`,
      )
      // Without its line end a line takes the next one with it.
      if (offset < line.length) expect(`${index}+${offset}: ${fault}`).not.toContain(' more')
    }
    at += line.length + 1
  }
}, 60_000)

test.each([
  ['the first', [1, 2, 3], 'line 1 is missing'],
  ['one in the middle', [0, 2, 3], 'line 2 is missing'],
  ['two in the middle', [0, 3], 'lines 2 to 3 are missing'],
  ['the last', [0, 1, 2], 'line 4 is missing from the end'],
  ['all', [], 'lines 1 to 4 are missing from the end'],
])('removing %s is noticed', async (_, kept, fault) => {
  const lines = await written('reason one', 'reason two', 'reason three', 'reason four')
  expect(await faultOf(Buffer.from(kept.map((at) => `${lines[at]}\n`).join('')))).toBe(fault)
})

test('after a fault the chain goes on, and the fault stays named', async () => {
  const lines = await written('reason one', 'reason two', 'reason three')
  writeFileSync(path, `${lines[0]}\n${lines[1]}\n`)
  const cut = await opened()
  expect(await cut.append(entry('reason four'))).toMatchObject({ seq: 4 })
  await cut.close()
  open.splice(0)
  const again = await opened()
  expect(again.fault).toBe('line 3 is missing')
  expect(again.reasons).toEqual(['reason one', 'reason two', 'reason four'])
})

test('a changed line is shown as changed, and nothing is made from it', async () => {
  const lines = await written('reason one', 'reason two')
  writeFileSync(path, `${String(lines[0]).replace('reason one', 'reason 0ne')}\n${lines[1]}\n`)
  const ledger = await opened()
  expect(ledger.reasons).toEqual(['reason two'])
  expect(ledger.page({ offset: 1, limit: 1 }).items[0]?.detail).toContain('this line was changed')
})

test('half a line, left by a crash, is set aside and named, and no whole line is lost', async () => {
  const lines = await written('reason one', 'reason two')
  writeFileSync(path, `${lines[0]}\n${lines[1]}\n{"seq":3,"atMs":17`)
  const ledger = await opened()
  expect(ledger.fault).toContain('half a line')
  expect(readFileSync(join(folder, 'ledger.torn'), 'utf8')).toBe('{"seq":3,"atMs":17\n')
  expect(await ledger.append(entry('reason three'))).toMatchObject({ seq: 3 })
  await ledger.close()
  open.splice(0)
  expect(await opened()).toMatchObject({ fault: null, reasons: ['reason one', 'reason two', 'reason three'] })
})

test('a change while it runs is noticed at the next line', async () => {
  const ledger = await opened()
  await ledger.append(entry('reason one'))
  writeFileSync(path, '')
  await ledger.append(entry('reason two'))
  expect(ledger.fault).toContain('changed by something else')
  unlinkSync(path)
  await ledger.append(entry('reason three'))
  expect(ledger.fault).toContain('more')
  expect(readFileSync(path, 'utf8')).toContain('reason three')
})

test('a full disk stops nobody: lines are kept in memory and on stderr, and it says so', async () => {
  symlinkSync('/dev/full', path)
  const ledger = await opened()
  await ledger.append(entry('reason one'))
  await ledger.append(entry('reason two'))
  expect(ledger.fault).toMatch(/^history is not stored since \d\d:\d\d \(.*ENOSPC.*\): 2 lines are in memory only$/)
  expect(ledger.page({ offset: 0, limit: 9 }).total).toBe(2)
  expect(told.filter(({ event }) => event === 'ledger line not stored')).toHaveLength(2)
  unlinkSync(path)
  await ledger.append(entry('reason three'))
  expect(ledger.fault).not.toContain('not stored')
  expect(readFileSync(path, 'utf8').split('\n')).toHaveLength(4)
})

test('lines that the disk refuses are bounded, and how many are gone is told', async () => {
  symlinkSync('/dev/full', path)
  const ledger = await opened()
  await Promise.all(Array.from({ length: 1_005 }, (_, at) => ledger.append(entry(`reason number ${at}`))))
  expect(ledger.fault).toContain('1000 lines are in memory only, 5 older ones are on stderr only')
})

test('a folder that cannot be made at the start is used once it can be, behind what it holds', async () => {
  const inner = join(folder, 'state')
  writeFileSync(inner, 'in the way')
  const ledger = await Ledger.open({ folder: inner, clock, log }, () => {})
  open.push(ledger)
  await ledger.append(entry('reason one'))
  expect(ledger.fault).toContain('not stored')
  rmSync(inner)
  await ledger.append(entry('reason two'))
  expect(ledger.fault).toBeNull()
  expect(readFileSync(join(inner, 'ledger.jsonl'), 'utf8').split('\n')).toHaveLength(3)
  expect(ledger.page({ offset: 0, limit: 9 }).items.map(({ seq }) => seq)).toEqual([2, 1])
})

test('a second one on the same folder is refused and told which process has it', async () => {
  await opened()
  await expect(opened()).rejects.toThrow(`is in use by process ${process.pid}`)
})

test('the lock of a process that is gone is taken over', async () => {
  const child = spawn(process.execPath, ['-e', ''])
  await once(child, 'exit')
  writeFileSync(join(folder, 'ledger.lock'), JSON.stringify({ pid: child.pid, startedTicks: null }))
  expect((await opened()).fault).toBeNull()
})

test('the lock of an earlier process with the same id is taken over', async () => {
  writeFileSync(join(folder, 'ledger.lock'), JSON.stringify({ pid: process.pid, startedTicks: '1' }))
  expect((await opened()).fault).toBeNull()
})

test('a byte that is changed while it runs is named at the next look, and once', async () => {
  const ledger = await opened()
  await ledger.append(entry('reason one'))
  await ledger.append(entry('reason two'))
  await ledger.lookAfter()
  expect(ledger.fault).toBeNull()
  writeFileSync(path, readFileSync(path, 'utf8').replace('reason one', 'reason 0ne'))
  await ledger.lookAfter()
  await ledger.lookAfter()
  expect(ledger.fault).toBe('line 1 was changed')
  await ledger.append(entry('reason three'))
  await ledger.lookAfter()
  expect(ledger.fault).toBe('line 1 was changed')
})

test('lines are stored once also when their head cannot be', async () => {
  const ledger = await opened()
  mkdirSync(join(folder, 'ledger.head.new'))
  await ledger.append(entry('reason one'))
  await ledger.append(entry('reason two'))
  expect(ledger.fault).toContain('ledger.head cannot be written')
  expect(readFileSync(path, 'utf8').split('\n')).toHaveLength(3)
})
