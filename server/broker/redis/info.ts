import type { Engine } from './engine.ts'

type Fields = readonly (readonly [name: string, value: string | number])[]

const EVERYTHING = ['Commandstats', 'Errorstats']

/** INFO as clients and tools read it: Redis' sections and names, and the truth about this engine. */
export function infoText(engine: Engine, wanted: readonly string[]): string {
  const words = wanted.length === 0 ? ['default'] : wanted.map((word) => word.toLowerCase())
  const isAll = words.includes('all') || words.includes('everything')
  const isDefault = words.includes('default')
  const chosen = Object.entries(SECTIONS).filter(
    ([title]) => isAll || words.includes(title.toLowerCase()) || (isDefault && !EVERYTHING.includes(title)),
  )
  return chosen.map(([title, fields]) => `# ${title}\r\n${linesOf(fields(engine))}`).join('\r\n')
}

function linesOf(fields: Fields): string {
  return fields.map(([name, value]) => `${name}:${value}\r\n`).join('')
}

const SECTIONS: Readonly<Record<string, (engine: Engine) => Fields>> = {
  Server: server,
  Clients: clients,
  Memory: memory,
  Persistence: persistence,
  Stats: stats,
  Replication: () => [
    ['role', 'master'],
    ['connected_slaves', 0],
    ['master_failover_state', 'no-failover'],
    ['master_repl_offset', 0],
  ],
  CPU: () => {
    const { user, system } = process.cpuUsage()
    return [
      ['used_cpu_sys', (system / 1e6).toFixed(6)],
      ['used_cpu_user', (user / 1e6).toFixed(6)],
    ]
  },
  Modules: () => [],
  Commandstats: commandStats,
  Errorstats: ({ stats }) => [...stats.errorsByCode].map(([code, count]) => [`errorstat_${code}`, `count=${count}`]),
  Cluster: () => [['cluster_enabled', 0]],
  Keyspace: keyspace,
}

function server(engine: Engine): Fields {
  const uptimeMs = engine.clock.nowMs() - engine.stats.startedAtMs
  return [
    ['redis_version', '7.0.15'],
    ['server_name', 'sluice'],
    ['redis_git_sha1', '00000000'],
    ['redis_git_dirty', 0],
    ['redis_mode', 'standalone'],
    ['os', `${process.platform} ${process.arch}`],
    ['arch_bits', 64],
    ['multiplexing_api', 'libuv'],
    ['nodejs_version', process.versions.node],
    ['process_id', process.pid],
    ['run_id', engine.runId],
    ['tcp_port', engine.config.port],
    ['server_time_usec', Math.floor(engine.clock.nowMs() * 1000)],
    ['uptime_in_seconds', Math.floor(uptimeMs / 1000)],
    ['uptime_in_days', Math.floor(uptimeMs / 86_400_000)],
    ['hz', 10],
    ['configured_hz', 10],
    ['executable', process.execPath],
    ['config_file', ''],
    ['io_threads_active', 0],
  ]
}

function clients(engine: Engine): Fields {
  return [
    ['connected_clients', engine.clients.size],
    ['cluster_connections', 0],
    ['maxclients', engine.config.clientsMax],
    ['blocked_clients', [...engine.clients.values()].filter(({ parked }) => parked !== null).length],
    ['tracking_clients', 0],
  ]
}

function memory(engine: Engine): Fields {
  const used = engine.options.usedMemory()
  const peak = Math.max(used, engine.stats.peakMemoryBytes)
  const limit = engine.config.maxMemoryBytes
  const rss = process.memoryUsage.rss()
  return [
    ['used_memory', used],
    ['used_memory_human', human(used)],
    ['used_memory_rss', rss],
    ['used_memory_rss_human', human(rss)],
    ['used_memory_peak', peak],
    ['used_memory_peak_human', human(peak)],
    ['used_memory_lua', 0],
    ['maxmemory', limit],
    ['maxmemory_human', human(limit)],
    ['maxmemory_policy', 'noeviction'],
    ['mem_fragmentation_ratio', (rss / Math.max(1, used)).toFixed(2)],
    ['mem_allocator', 'v8'],
  ]
}

function persistence({ journal, changes }: Engine): Fields {
  const figures = journal?.figures
  return [
    ['loading', 0],
    ['async_loading', 0],
    ['rdb_changes_since_last_save', figures?.changesSinceSave ?? changes],
    ['rdb_bgsave_in_progress', figures?.isSaving ? 1 : 0],
    ['rdb_last_save_time', Math.floor((figures?.lastSaveAtMs ?? 0) / 1000)],
    ['rdb_last_bgsave_status', figures === undefined || figures.lastSaveOk ? 'ok' : 'err'],
    ['rdb_last_bgsave_time_sec', -1],
    ['rdb_current_bgsave_time_sec', -1],
    ['aof_enabled', figures === undefined ? 0 : 1],
    ['aof_rewrite_in_progress', figures?.isSaving ? 1 : 0],
    ['aof_last_bgrewrite_status', figures === undefined || figures.lastSaveOk ? 'ok' : 'err'],
    ['aof_last_write_status', figures === undefined || figures.lastWriteOk ? 'ok' : 'err'],
    ['aof_current_size', figures?.journalBytes ?? 0],
  ]
}

function stats(engine: Engine): Fields {
  const { traffic } = engine
  return [
    ['total_connections_received', traffic.accepted],
    ['total_commands_processed', engine.registry.calls],
    ['instantaneous_ops_per_sec', engine.stats.perSecond],
    ['total_net_input_bytes', traffic.bytesIn],
    ['total_net_output_bytes', traffic.bytesOut],
    ['rejected_connections', traffic.rejected],
    ['expired_keys', engine.stats.expiredKeys],
    ['evicted_keys', 0],
    ['keyspace_hits', 0],
    ['keyspace_misses', 0],
    ['pubsub_channels', engine.pubsub.channels.size],
    ['pubsub_patterns', engine.pubsub.patterns.size],
    ['pubsubshard_channels', engine.pubsub.shardChannels.size],
    ['latest_fork_usec', 0],
    ['total_forks', 0],
    ['total_error_replies', engine.stats.errors],
  ]
}

function commandStats({ registry }: Engine): Fields {
  return registry.all
    .filter(({ calls, rejectedCalls }) => calls > 0 || rejectedCalls > 0)
    .map((entry) => {
      const perCall = entry.calls === 0 ? '0.00' : (entry.usec / entry.calls).toFixed(2)
      const counts = `calls=${entry.calls},usec=${entry.usec},usec_per_call=${perCall}`
      const failures = `rejected_calls=${entry.rejectedCalls},failed_calls=${entry.failedCalls}`
      return [`cmdstat_${entry.name}`, `${counts},${failures}`]
    })
}

function keyspace({ dbs }: Engine): Fields {
  return dbs
    .filter(({ size }) => size > 0)
    .map(({ index, size, expiring }) => [`db${index}`, `keys=${size},expires=${expiring},avg_ttl=0`])
}

const UNITS = ['B', 'K', 'M', 'G', 'T'] as const

function human(bytes: number): string {
  let value = bytes
  let unit = 0
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024
    unit++
  }
  return unit === 0 ? `${bytes}B` : `${value.toFixed(2)}${UNITS[unit]}`
}
