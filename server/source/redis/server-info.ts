import type { Node } from '../../domain/snapshot.ts'

/** What INFO says of one node, as far as it is needed. Null = not told. */
export interface ServerInfo {
  readonly version: string | null
  readonly role: string | null
  readonly memoryBytes: number | null
  /** null = no limit, or not told. */
  readonly memoryLimitBytes: number | null
  readonly memoryPolicy: string | null
  readonly clients: number | null
  readonly loading: boolean
  readonly isClusterNode: boolean
  readonly loadedPercent: number | null
  /** Keys of the database `db`; null = not told. */
  readonly keys: number | null
  readonly alarms: readonly string[]
}

/** Reads the reply of INFO. Lines it does not know are skipped, so servers that only resemble Redis can be read too. */
export function parseInfo(text: string, db: number): ServerInfo {
  const fields = new Map<string, string>()
  for (const line of text.split('\n')) {
    const colon = line.indexOf(':')
    if (colon > 0 && !line.startsWith('#')) fields.set(line.slice(0, colon), line.slice(colon + 1).trim())
  }
  const number = (name: string) => numberOf(fields.get(name))
  const limit = number('maxmemory')
  const keys = /keys=(\d+)/.exec(fields.get(`db${db}`) ?? '')?.[1]
  return {
    version: fields.get('redis_version') ?? null,
    role: fields.get('role') ?? null,
    memoryBytes: number('used_memory'),
    memoryLimitBytes: limit === 0 ? null : limit,
    memoryPolicy: fields.get('maxmemory_policy') ?? null,
    clients: number('connected_clients'),
    loading: fields.get('loading') === '1',
    isClusterNode: fields.get('cluster_enabled') === '1',
    loadedPercent: number('loading_loaded_perc'),
    // A database without keys is not listed at all.
    keys: keys === undefined ? (fields.has('redis_version') ? 0 : null) : Number(keys),
    alarms: alarmsOf(fields),
  }
}

export function nodeOf(name: string, info: ServerInfo): Node {
  return {
    name,
    role: info.role,
    version: info.version,
    memoryBytes: info.memoryBytes,
    memoryLimitBytes: info.memoryLimitBytes,
    connections: info.clients,
    alarms: info.alarms,
  }
}

/** Share of maxmemory from which it is an alarm: the last moment at which a person can still act in peace. */
const MEMORY_ALARM_SHARE = 0.9

function alarmsOf(fields: ReadonlyMap<string, string>): readonly string[] {
  const used = numberOf(fields.get('used_memory')) ?? 0
  const limit = numberOf(fields.get('maxmemory')) ?? 0
  const policy = fields.get('maxmemory_policy')
  const alarms: string[] = []
  if (fields.get('loading') === '1') alarms.push('loading its data from disk')
  if (limit > 0 && used >= limit) alarms.push('maxmemory reached')
  else if (limit > 0 && used >= limit * MEMORY_ALARM_SHARE) alarms.push('memory near maxmemory')
  // Without a limit nothing is ever evicted, whatever the policy says.
  if (limit > 0 && policy && policy !== 'noeviction') alarms.push(`maxmemory-policy ${policy} can evict jobs`)
  if (fields.get('rdb_last_bgsave_status') === 'err') alarms.push('the last save to disk failed')
  if (fields.get('aof_last_write_status') === 'err') alarms.push('the last write of the append-only file failed')
  if (fields.get('master_link_status') === 'down') alarms.push('replica has lost its master')
  return alarms
}

function numberOf(text: string | undefined): number | null {
  if (text === undefined || text === '') return null
  const value = Number(text)
  return Number.isFinite(value) ? value : null
}
