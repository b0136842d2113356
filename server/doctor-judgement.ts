import type { Check } from './doctor.ts'
import type { ClockDifference } from './doctor-time.ts'
import type { Snapshot, SourceKind } from './domain/snapshot.ts'
import { formatCount, formatDuration } from './domain/words.ts'

/** Oldest versions that Sluice is made for. */
const VERSION_MIN: Readonly<Record<SourceKind, readonly [number, number]>> = {
  redis: [6, 2],
  rabbitmq: [3, 10],
  kafka: [3, 9],
}
/** Ages, ends of controls and this machine's screens are told by different clocks: more than this can be seen. */
const CLOCK_MS = 2_000
/** Share of its time that reading may take of a broker. */
const COST_SHARE = 0.1
const RIGHTS: Readonly<Record<SourceKind, string>> = {
  redis: 'give this user the rights listed in server/source/redis/README.md',
  rabbitmq: 'give this user the tag monitoring and read permission in each vhost',
  kafka: 'give this user DESCRIBE on the cluster, topics and groups',
}

export function rightsCheck(kind: SourceKind, { gaps, queues, topics, groups }: Snapshot): Check {
  const [first] = gaps
  if (first) {
    const found = gaps.map(({ what, message }) => `${what}: ${message}`).join('; ')
    const remedy = gaps.some(({ code }) => code === 'refused')
      ? RIGHTS[kind]
      : 'what is missing is shown as unknown, not as 0'
    return { step: 'rights', state: 'warning', found, remedy }
  }
  const counts = [
    [queues.length, 'queues'],
    [topics.length, 'topics'],
    [groups.length, 'groups'],
  ] as const
  const seen = counts.filter(([count]) => count > 0).map(([count, what]) => `${formatCount(count)} ${what}`)
  const found = `everything can be read: ${seen.join(', ') || 'there is no queue, topic or group yet'}`
  return { step: 'rights', state: 'ok', found, remedy: null }
}

export function versionCheck(kind: SourceKind, { nodes, systems }: Snapshot): Check {
  const versions = [...new Set(nodes.flatMap(({ version }) => version ?? []))]
  const inIt = systems.map(({ name, version }) => (version === null ? name : `${name} ${version}`))
  if (versions.length === 0) return { step: 'version', state: 'skipped', found: 'it does not tell', remedy: null }
  const found = `${kind} ${versions.join(', ')}${inIt.length > 0 ? ` with ${inIt.join(', ')}` : ''}`
  const [major, minor] = VERSION_MIN[kind]
  const isOld = versions.some((version) => {
    const [theirs = 0, minorOfTheirs = 0] = version.split('.').map(Number)
    return theirs < major || (theirs === major && minorOfTheirs < minor)
  })
  if (!isOld) return { step: 'version', state: 'ok', found, remedy: null }
  return {
    step: 'version',
    state: 'warning',
    found,
    remedy: `Sluice is made for ${kind} ${major}.${minor} and newer`,
  }
}

export function alarmsCheck({ nodes }: Snapshot): Check {
  const alarms = nodes.flatMap(({ name, alarms: found }) => found.map((alarm) => `${name}: ${alarm}`))
  if (alarms.length === 0) return { step: 'health', state: 'ok', found: 'no alarm', remedy: null }
  return {
    step: 'health',
    state: 'warning',
    found: alarms.join('; '),
    remedy: 'the broker itself complains: see its log',
  }
}

export function clockCheck(difference: ClockDifference | null): Check {
  if (difference === null) return { step: 'clock', state: 'skipped', found: 'it does not tell its time', remedy: null }
  const { aheadMs, withinMs } = difference
  const off = Math.max(0, Math.abs(aheadMs) - withinMs)
  if (off <= CLOCK_MS) return { step: 'clock', state: 'ok', found: 'its clock agrees with this machine', remedy: null }
  const found = `its clock is ${formatDuration(Math.abs(aheadMs))} ${aheadMs > 0 ? 'ahead of' : 'behind'} this machine's`
  return {
    step: 'clock',
    state: 'warning',
    found,
    remedy: 'let both follow one time server (NTP): ages are wrong by as much',
  }
}

export function costCheck(kind: SourceKind, { cost, tookMs }: Snapshot, intervalMs: number): Check {
  const share = tookMs / intervalMs
  const kilobytes = Math.ceil((cost.bytesRead + cost.bytesSent) / 1_000)
  const found = `a refresh takes ${formatDuration(tookMs)}, ${cost.commands} requests and ${kilobytes} kB, each ${formatDuration(intervalMs)}`
  if (share <= COST_SHARE) return { step: 'cost', state: 'ok', found, remedy: null }
  const seconds = Math.ceil(tookMs / COST_SHARE / 1_000)
  return {
    step: 'cost',
    state: 'warning',
    found,
    remedy: `set collect.${kind}: ${seconds}s, so that it takes at most a tenth of the time`,
  }
}
