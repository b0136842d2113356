/** What is known on disk about the shared brokers of this work tree: one folder and one `state.json` for each. */
import { existsSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import { mkdir, open, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Site, Spawned } from './node.ts'
import { isAlive } from './process.ts'

/** Git-ignored; everything that is fetched or written for the brokers is in here. */
export const ROOT = resolve(realpathSync(import.meta.dirname), '../../.brokers')

export interface Shared<Port extends string = string> extends Site<Port>, Spawned {
  readonly version: string
  readonly startedAtMs: number
  /** Started by hand: test runs use it and leave it running. */
  readonly kept: boolean
}

/** The folder of one shared broker. `instance` is its name, or name@version where it is not the usual version. */
export function sharedFolder(instance: string): string {
  return join(ROOT, 'run', instance)
}

/** The shared broker as it was started; it may have died since. Null when it was never started, or was stopped. */
export async function readShared<Port extends string = string>(instance: string): Promise<Shared<Port> | null> {
  const text = await readFile(join(sharedFolder(instance), 'state.json'), 'utf8').catch(() => null)
  return text === null ? null : (JSON.parse(text) as Shared<Port>)
}

export async function writeShared(shared: Shared): Promise<void> {
  const file = join(shared.folder, 'state.json')
  await writeFile(`${file}.new`, `${JSON.stringify(shared, null, 2)}\n`)
  await rename(`${file}.new`, file)
}

/** `readShared` for a process that cannot wait any more. */
export function readSharedNow(instance: string): Shared | null {
  const file = join(sharedFolder(instance), 'state.json')
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Shared) : null
}

/** Whether another process starts or stops this broker just now. A lock of our own is given back. */
export function isLockedByOther(instance: string): boolean {
  const file = lockFile(instance)
  const holder = existsSync(file) ? Number(readFileSync(file, 'utf8')) : null
  if (holder === process.pid) rmSync(file, { force: true })
  return holder !== null && holder !== process.pid && isAlive(holder)
}

function lockFile(instance: string): string {
  return join(ROOT, 'run', `${instance}.lock`)
}

/** Longer than any broker takes to start or stop. */
const LOCK_WAIT_MS = 90_000

/** Runs `work` while no other process starts or stops this broker: two test runs may begin at the same time. */
export async function locked<T>(instance: string, work: () => Promise<T>): Promise<T> {
  const file = lockFile(instance)
  await mkdir(join(ROOT, 'run'), { recursive: true })
  const deadline = performance.now() + LOCK_WAIT_MS
  while (!(await taken(file))) {
    const holder = Number(await readFile(file, 'utf8').catch(() => ''))
    if (holder > 0 && !isAlive(holder)) await rm(file, { force: true })
    else if (performance.now() > deadline) throw new Error(`${file} is held by process ${holder}`)
    else await delay(50)
  }
  try {
    return await work()
  } finally {
    await rm(file, { force: true })
  }
}

async function taken(file: string): Promise<boolean> {
  try {
    const handle = await open(file, 'wx')
    await handle.writeFile(String(process.pid))
    await handle.close()
    return true
  } catch {
    return false
  }
}
