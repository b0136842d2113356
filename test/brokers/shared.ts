/** The brokers that a work tree's test runs share, and that a developer keeps running. */
import { existsSync, readdirSync, rmSync } from 'node:fs'
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { BrokerKind } from './node.ts'
import { endNode, killNode, startNode } from './node.ts'
import { freePorts } from './port.ts'
import { isAlive, isOurs } from './process.ts'
import { isLockedByOther, locked, readShared, readSharedNow, type Shared, sharedFolder, writeShared } from './state.ts'

export interface Ensured<Port extends string> extends Shared<Port> {
  /** False when it already ran and answered. */
  readonly isNew: boolean
}

/** The shared broker, running and answering: the one that runs already, else a new and empty one. */
export async function ensureShared<Port extends string>(
  instance: string,
  kind: BrokerKind<Port>,
  { kept }: { readonly kept: boolean },
): Promise<Ensured<Port>> {
  return locked(instance, async () => {
    const running = await answering(instance, kind)
    if (running !== null) {
      if (kept && !running.kept) await writeShared({ ...running, kept })
      await use(running.folder)
      return { ...running, kept: kept || running.kept, isNew: false }
    }
    await clear(instance)
    const software = await kind.software()
    if ('why' in software) throw new Error(software.why)
    const folder = sharedFolder(instance)
    await mkdir(folder, { recursive: true, mode: 0o700 })
    const site = { folder, ports: await freePorts(kind.ports) }
    const known = { ...site, version: software.version, startedAtMs: Date.now(), kept }
    const spawned = await startNode(kind, site, (started) => writeShared({ ...known, ...started }))
    await use(folder)
    return { ...known, ...spawned, isNew: true }
  })
}

/** The shared broker if it runs and answers, else null. */
export async function answering<Port extends string>(
  instance: string,
  kind: BrokerKind<Port>,
): Promise<Shared<Port> | null> {
  const shared = await readShared<Port>(instance)
  if (shared === null || !isOurs(shared.pid, shared.folder)) return null
  return (await kind.answers(shared.ports).catch(() => false)) ? shared : null
}

/** Ends the shared broker and removes its data. Resolves with false when none was known. */
export async function stopShared(instance: string): Promise<boolean> {
  return locked(instance, () => clear(instance))
}

/** Says that this process is done with the broker. The last one to say so ends a broker that nobody asked to keep. */
export async function leaveShared(instance: string): Promise<void> {
  await locked(instance, async () => {
    const folder = join(sharedFolder(instance), 'users')
    await rm(join(folder, String(process.pid)), { force: true })
    const others = (await readdir(folder).catch((): string[] => [])).filter((pid) => isAlive(Number(pid)))
    const shared = await readShared(instance)
    if (shared !== null && !shared.kept && others.length === 0) await clear(instance)
  })
}

/**
 * `leaveShared` for a process that is already ending and cannot wait: interrupted, vitest runs no teardown. A broker
 * that another process is starting or uses is left to it.
 */
export function abandonShared(instance: string): void {
  const folder = sharedFolder(instance)
  if (isLockedByOther(instance)) return
  rmSync(join(folder, 'users', String(process.pid)), { force: true })
  const shared = readSharedNow(instance)
  const others = (existsSync(join(folder, 'users')) ? readdirSync(join(folder, 'users')) : [])
    .map(Number)
    .filter(isAlive)
  if (shared === null || shared.kept || others.length > 0) return
  killNode(folder, shared)
}

/** Marks this process as using the broker, so that another test run that ends first does not stop it. */
async function use(folder: string): Promise<void> {
  await mkdir(join(folder, 'users'), { recursive: true })
  await writeFile(join(folder, 'users', String(process.pid)), '')
}

async function clear(instance: string): Promise<boolean> {
  const shared = await readShared(instance)
  if (shared !== null) await endNode(shared.folder, shared)
  await rm(sharedFolder(instance), { recursive: true, force: true })
  return shared !== null
}
