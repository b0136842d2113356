import { setTimeout as delay } from 'node:timers/promises'
import { alarmsCheck, clockCheck, costCheck, rightsCheck, versionCheck } from './doctor-judgement.ts'
import { addressesOf, checkAddresses } from './doctor-network.ts'
import { asksTime } from './doctor-time.ts'
import type { Clock } from './domain/clock.ts'
import { messageOf, type OpsCode, OpsError } from './domain/errors.ts'
import type { Log } from './domain/log.ts'
import type { Snapshot, SourceKind } from './domain/snapshot.ts'
import { openSource } from './source/open-source.ts'
import type { SourceSettings } from './source/settings.ts'

/** In this order: each step needs the ones before. */
export const CHECK_STEPS = ['dns', 'tcp', 'tls', 'auth', 'rights', 'version', 'health', 'clock', 'cost'] as const
export type CheckStep = (typeof CHECK_STEPS)[number]

/** What one step came to. A warning: it works, yet somebody should know. */
export interface Check {
  readonly step: CheckStep
  readonly state: 'ok' | 'warning' | 'failed' | 'skipped'
  /** What was found, in words; without secrets. */
  readonly found: string
  /** What to do about it; null = nothing. */
  readonly remedy: string | null
}

export interface Patient {
  readonly id: string
  readonly settings: SourceSettings
  /** How often it is to be read, ms: what reading costs is judged by it. */
  readonly intervalMs: number
}

interface Tools {
  readonly clock: Clock
  readonly log: Log
  readonly signal: AbortSignal
}

/** Of one refresh, ms. */
const COLLECT_MS = 10_000
/** What is only late may come: then it is read again, so often and after so many ms. */
const PASSING: readonly OpsCode[] = ['timeout', 'unreachable']
const PATIENCE = 4
const AGAIN_MS = 1_000

/** Checks one source as the server would use it, step by step; never throws for what is wrong with the source. */
export async function diagnose({ id, settings, intervalMs }: Patient, tools: Tools): Promise<readonly Check[]> {
  const network = await checkAddresses(addressesOf(settings), tools)
  const broken = network.find(({ state }) => state === 'failed')
  if (broken) return [...network, ...notReached(broken.step)]
  const source = openSource(settings, { id, clock: tools.clock, log: tools.log })
  const collect = (): Promise<Snapshot> => {
    const signal = AbortSignal.any([tools.signal, AbortSignal.timeout(COLLECT_MS)])
    return source.collect({ signal, watched: [] })
  }
  try {
    const first = await collect()
    // The first also connects and looks around: a later one is what each refresh will cost.
    let usual = await collect()
    for (let more = PATIENCE; more > 0 && usual.gaps.some(({ code }) => PASSING.includes(code)); more--) {
      await delay(AGAIN_MS, undefined, { signal: tools.signal })
      usual = await collect()
    }
    return [
      ...network,
      { step: 'auth', state: 'ok', found: signedInAs(settings), remedy: null },
      rightsCheck(settings.kind, usual),
      versionCheck(settings.kind, first),
      alarmsCheck(usual),
      clockCheck(await asksTime(settings, tools)),
      costCheck(settings.kind, usual, intervalMs),
    ]
  } catch (thrown) {
    const code = thrown instanceof OpsError ? thrown.code : 'malformed'
    const failed: Check = {
      step: 'auth',
      state: 'failed',
      found: messageOf(thrown),
      remedy: remedyOf(code, settings.kind),
    }
    return [...network, failed, ...notReached(failed.step)]
  } finally {
    await source.close()
  }
}

/** The steps after the one that failed. */
function notReached(failed: CheckStep): readonly Check[] {
  const found = `not reached: ${failed} failed`
  const steps = CHECK_STEPS.slice(CHECK_STEPS.indexOf(failed) + 1)
  return steps.map((step) => ({ step, state: 'skipped', found, remedy: null }))
}

function signedInAs(settings: SourceSettings): string {
  if (settings.kind === 'redis') {
    if (settings.password === null) return 'no password is configured and none was asked for'
    return `signed in as ${settings.username ?? 'default'}`
  }
  if (settings.kind === 'rabbitmq') return `signed in as ${(settings.management ?? settings.amqp).username}`
  return settings.sasl === null
    ? 'no SASL is configured and none was asked for'
    : `signed in as ${settings.sasl.username}`
}

function remedyOf(code: OpsCode, kind: SourceKind): string {
  if (code === 'refused') return CREDENTIALS[kind]
  if (code === 'timeout')
    return 'it accepts connections and does not answer in time: see whether it is overloaded or stopped'
  if (code === 'unsupported') return `see what Sluice reads of ${kind} and which versions: README.md`
  return `see whether this is the ${kind} port, and whether it wants TLS`
}

const CREDENTIALS: Readonly<Record<SourceKind, string>> = {
  redis: 'set username and password of this source: password: "${env:REDIS_PASSWORD}"',
  rabbitmq:
    'set username and password; the user needs the tag monitoring, and guest may sign in from the same machine only',
  kafka: 'set sasl: { mechanism, username, password }; the mechanism must be one that this listener offers',
}
