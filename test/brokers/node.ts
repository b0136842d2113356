/** One running broker process, whatever its kind: where it lives, how it is started, awaited and ended. */
import { realpathSync, rmSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BrokerName } from './brokers.ts'
import { freePorts } from './port.ts'
import { isOurs, onEnd, stopProcess, untilAnswers } from './process.ts'

/** What a broker is given: an empty folder of its own and its loopback ports, by name. */
export interface Site<Port extends string = string> {
  readonly folder: string
  readonly ports: Readonly<Record<Port, number>>
}

export interface Spawned {
  readonly pid: number
  /** Processes that serve this broker alone and are ended after it (RabbitMQ's epmd). */
  readonly helpers: readonly number[]
  readonly logFile: string
  /** How long it may take to end by itself; its data is removed anyway, so this is about its other processes and speed. */
  readonly graceMs: number
}

export interface BrokerKind<Port extends string = string> {
  /** `postgres` is no broker: only some tests start one, each its own. */
  readonly name: BrokerName | 'postgres'
  /** Of the software on this machine, or why it cannot be started. */
  software(): Promise<{ readonly version: string } | { readonly why: string }>
  /** The ports of the shared broker; others are used where these are taken. */
  readonly ports: Readonly<Record<Port, number>>
  /** A start that takes longer has failed. */
  readonly startTimeoutMs: number
  spawn(site: Site<Port>): Promise<Spawned>
  /** Asks the broker; false or a rejection when it is not ready. Gives up by itself within about a second. */
  answers(ports: Readonly<Record<Port, number>>): Promise<boolean>
}

/**
 * Starts a broker and waits until it answers. Leaves no process behind when it throws.
 * @param onSpawned is awaited before the waiting begins: the process ids can be written down as soon as they are known
 */
export async function startNode<Port extends string>(
  kind: BrokerKind<Port>,
  site: Site<Port>,
  onSpawned: (spawned: Spawned) => Promise<void> = async () => {},
): Promise<Spawned> {
  const spawned = await kind.spawn(site)
  try {
    await onSpawned(spawned)
    await untilAnswers({
      name: kind.name,
      pid: spawned.pid,
      logFile: spawned.logFile,
      timeoutMs: kind.startTimeoutMs,
      answers: () => kind.answers(site.ports),
    })
  } catch (error) {
    await endNode(site.folder, spawned)
    throw error
  }
  return spawned
}

/** Ends the broker, then its helpers, each only if that process id is still the process that was started there. */
export async function endNode(folder: string, node: Omit<Spawned, 'logFile'>): Promise<void> {
  for (const pid of [node.pid, ...node.helpers]) if (isOurs(pid, folder)) await stopProcess(pid, node.graceMs)
}

export interface PrivateNode<Port extends string> extends Site<Port> {
  readonly pid: number
  /** Ends the process and removes its folder. Safe to call twice, and after the process was killed. */
  stop(): Promise<void>
}

/** A free port may be taken by somebody else before the broker listens on it: try again, with other ports. */
const PRIVATE_STARTS_MAX = 3

/** Starts a broker for one test alone, in a temporary folder, on free ports where none were asked for. */
export async function startPrivate<Port extends string>(
  kind: BrokerKind<Port>,
  asked: Partial<Record<Port, number>> = {},
): Promise<PrivateNode<Port>> {
  for (let attempt = 1; ; attempt += 1) {
    const folder = realpathSync(await mkdtemp(join(tmpdir(), `sluice-${kind.name}-`)))
    const ports = { ...(await freePorts(anyPorts(kind))), ...asked }
    let release = () => {}
    try {
      // Should the test run be interrupted, also while the broker starts, it must not be left behind.
      const spawned = await startNode(kind, { folder, ports }, async (begun) => {
        release = onEnd(() => killNode(folder, begun))
      })
      const stop = async () => {
        await endNode(folder, spawned)
        release()
        await rm(folder, { recursive: true, force: true })
      }
      return { folder, ports, pid: spawned.pid, stop }
    } catch (error) {
      release()
      await rm(folder, { recursive: true, force: true })
      if (attempt === PRIVATE_STARTS_MAX || Object.keys(asked).length > 0) throw error
    }
  }
}

/** Ends a broker and removes its folder without waiting: for a process that is itself about to end. */
export function killNode(folder: string, node: Pick<Spawned, 'pid' | 'helpers'>): void {
  for (const pid of [node.pid, ...node.helpers]) if (isOurs(pid, folder)) process.kill(pid, 'SIGKILL')
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
}

function anyPorts<Port extends string>(kind: BrokerKind<Port>): Record<Port, null> {
  return Object.fromEntries(Object.keys(kind.ports).map((name) => [name, null])) as Record<Port, null>
}
