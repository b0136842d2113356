import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { memoryDisk } from '../../../test/support/memory-disk.ts'
import { nodeDisk } from './disk.ts'
import { lockFolder, nodeProcesses, type Processes } from './lock.ts'

/** A machine on which these processes run. */
function machine(pid: number, running: ReadonlyMap<number, string>, hasOpen = true): Processes {
  return { pid, startedAt: (other) => running.get(other) ?? null, hasOpen: () => hasOpen }
}

const RUNNING = new Map([
  [7, 'boot:100'],
  [8, 'boot:200'],
])

test('a second start is refused, and named is the process that holds the directory', () => {
  const disk = memoryDisk()
  lockFolder(disk, '/data', machine(7, RUNNING))
  const second = () => lockFolder(disk, '/data', machine(8, RUNNING))
  expect(second).toThrow('/data is in use by process 7')
  expect([...disk.files.keys()]).toEqual(['/data/lock'])
})

test('once released, the directory can be taken', () => {
  const disk = memoryDisk()
  lockFolder(disk, '/data', machine(7, RUNNING)).release()
  lockFolder(disk, '/data', machine(8, RUNNING)).release()
  expect([...disk.files.keys()]).toEqual([])
})

test.each([
  ['a process that is gone', new Map([[8, 'boot:200']])],
  [
    'a process whose number another one has now',
    new Map([
      [7, 'boot:900'],
      [8, 'boot:200'],
    ]),
  ],
])('the lock of %s is taken over', (_, now) => {
  const disk = memoryDisk()
  lockFolder(disk, '/data', machine(7, RUNNING))
  const lock = lockFolder(disk, '/data', machine(8, now))
  expect(JSON.parse(String(disk.files.get('/data/lock')))).toEqual({ pid: 8, started: 'boot:200' })
  lock.release()
})

test('a thread of this process that ended no longer holds its lock, one that runs does', () => {
  const disk = memoryDisk()
  lockFolder(disk, '/data', machine(7, RUNNING))
  expect(() => lockFolder(disk, '/data', machine(7, RUNNING, true))).toThrow('in use by this very process')
  lockFolder(disk, '/data', machine(7, RUNNING, false)).release()
})

test.each(['{"pid":', '{"pid":7,"started":"boot', '', '\0\0\0'])(
  'a lock that was never written whole is taken over: %j',
  (text) => {
    const disk = memoryDisk([['/data/lock', Buffer.from(text)]])
    lockFolder(disk, '/data', machine(8, RUNNING)).release()
    expect(disk.files.size).toBe(0)
  },
)

test.each(['mine', '7', '{"pid":9}', '{"pid":9,"started":null,"of":"another"}'])(
  'a file of that name that somebody else made is refused, and stays: %s',
  (text) => {
    const disk = memoryDisk([['/data/lock', Buffer.from(text)]])
    expect(() => lockFolder(disk, '/data', machine(8, RUNNING))).toThrow(
      '/data/lock was not made by Sluice: choose another directory',
    )
    expect([...disk.files].map(([path, bytes]) => [path, String(bytes)])).toEqual([['/data/lock', text]])
  },
)

test('on this machine: held by this very process, free after release', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-lock-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const lock = lockFolder(nodeDisk, folder, nodeProcesses)
  expect(() => lockFolder(nodeDisk, folder, nodeProcesses)).toThrow(`${folder} is in use by this very process`)
  lock.release()
  lockFolder(nodeDisk, folder, nodeProcesses).release()
})

test.runIf(process.platform === 'linux')(
  'a process that was killed and that nobody has buried yet is gone',
  async () => {
    // The shell becomes a program that never asks what became of its child.
    const parent = spawn('sh', ['-c', 'sleep 60 & echo $!; exec sleep 60'], { stdio: ['ignore', 'pipe', 'ignore'] })
    onTestFinished(() => void parent.kill('SIGKILL'))
    const [line] = (await once(parent.stdout, 'data')) as [Buffer]
    const pid = Number(line)
    const until = async (file: string, text: string) => {
      while (!readFileSync(file, 'latin1').includes(text)) await new Promise(setImmediate)
    }
    await until(`/proc/${parent.pid}/comm`, 'sleep')
    expect(nodeProcesses.startedAt(pid)).toMatch(/:\d+$/)
    process.kill(pid, 'SIGKILL')
    await until(`/proc/${pid}/stat`, ') Z ')
    expect(nodeProcesses.startedAt(pid)).toBeNull()
  },
)
