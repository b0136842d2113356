/** What CONFIG knows: the value of a fresh Redis 7.0.15, and what may be put in its place. */
export type Setting =
  | { readonly kind: 'number'; readonly value: string; readonly min: number; readonly max: number }
  | { readonly kind: 'bytes'; readonly value: string; readonly min: number; readonly max: number }
  | { readonly kind: 'flag'; readonly value: 'yes' | 'no' }
  | { readonly kind: 'word'; readonly value: string; readonly words: readonly string[] }
  | { readonly kind: 'text'; readonly value: string }
  /** Told, and never changed: true to how this engine works. */
  | { readonly kind: 'fixed'; readonly value: string }
  /** Names a path: neither changed nor taken. */
  | { readonly kind: 'protected'; readonly value: string }

const INT_MAX = 2 ** 31 - 1
const LONG_MAX = Number.MAX_SAFE_INTEGER
const number = (value: number, min = 0, max = INT_MAX): Setting => ({ kind: 'number', value: String(value), min, max })
const bytes = (value: number, min = 0, max = LONG_MAX): Setting => ({ kind: 'bytes', value: String(value), min, max })
const flag = (value: 'yes' | 'no'): Setting => ({ kind: 'flag', value })
const word = (value: string, ...words: readonly string[]): Setting => ({
  kind: 'word',
  value,
  words: [value, ...words],
})
const text = (value: string): Setting => ({ kind: 'text', value })
const fixed = (value: string): Setting => ({ kind: 'fixed', value })
const path = (value: string): Setting => ({ kind: 'protected', value })

/**
 * Clients and tools set names that this engine has no use for, and one unknown name makes them give up: those are kept and told, and
 * change nothing. With a use: maxmemory, maxclients, requirepass, proto-max-bulk-len, slowlog-*.
 */
export const SETTINGS: Readonly<Record<string, Setting>> = {
  'acllog-max-len': number(128),
  'active-expire-effort': number(1, 1, 10),
  activedefrag: word('no'),
  activerehashing: flag('yes'),
  'aof-use-rdb-preamble': flag('yes'),
  appendfsync: fixed('everysec'),
  appendonly: fixed('no'),
  'auto-aof-rewrite-min-size': bytes(67_108_864),
  'auto-aof-rewrite-percentage': number(100),
  bind: fixed('127.0.0.1 ::1'),
  'busy-reply-threshold': number(5000, 0, LONG_MAX),
  'client-output-buffer-limit': text('normal 0 0 0 slave 268435456 67108864 60 pubsub 33554432 8388608 60'),
  'client-query-buffer-limit': bytes(1_073_741_824, 1_048_576),
  'cluster-enabled': fixed('no'),
  daemonize: fixed('no'),
  databases: fixed('16'),
  dbfilename: path('dump.rdb'),
  dir: path(''),
  'dynamic-hz': flag('yes'),
  'hash-max-listpack-entries': number(512, 0, LONG_MAX),
  'hash-max-listpack-value': number(64, 0, LONG_MAX),
  'hll-sparse-max-bytes': bytes(3000),
  hz: number(10, 0),
  'io-threads': fixed('1'),
  'latency-monitor-threshold': number(0, 0, LONG_MAX),
  'latency-tracking': flag('yes'),
  'lazyfree-lazy-eviction': flag('no'),
  'lazyfree-lazy-expire': flag('no'),
  'lazyfree-lazy-server-del': flag('no'),
  'lazyfree-lazy-user-del': flag('no'),
  'lazyfree-lazy-user-flush': flag('no'),
  'lfu-decay-time': number(1),
  'lfu-log-factor': number(10),
  'list-compress-depth': number(0),
  'list-max-listpack-size': number(-2, -INT_MAX),
  logfile: path(''),
  loglevel: { kind: 'word', value: 'notice', words: ['debug', 'verbose', 'notice', 'warning'] },
  'lua-time-limit': number(5000, 0, LONG_MAX),
  maxclients: number(10_000, 1),
  maxmemory: bytes(0),
  'maxmemory-clients': fixed('0'),
  // Nothing is ever evicted here, and saying otherwise would be a lie.
  'maxmemory-policy': word('noeviction'),
  'maxmemory-samples': number(5, 1),
  'min-replicas-max-lag': number(10),
  'min-replicas-to-write': number(0),
  'no-appendfsync-on-rewrite': flag('no'),
  // Empty is the only value: keyspace notifications are left out.
  'notify-keyspace-events': word(''),
  port: fixed('0'),
  'proto-max-bulk-len': bytes(536_870_912, 1_048_576, 536_870_912),
  'protected-mode': flag('yes'),
  rdbchecksum: flag('yes'),
  rdbcompression: flag('yes'),
  'replica-read-only': flag('yes'),
  replicaof: fixed(''),
  requirepass: text(''),
  save: text(''),
  'set-max-intset-entries': number(512, 0, LONG_MAX),
  'slowlog-log-slower-than': number(10_000, -1, LONG_MAX),
  'slowlog-max-len': number(128, 0, 10_000),
  'stop-writes-on-bgsave-error': flag('yes'),
  'stream-node-max-bytes': bytes(4096),
  'stream-node-max-entries': number(100, 0, LONG_MAX),
  'tcp-backlog': fixed('511'),
  'tcp-keepalive': number(300),
  timeout: number(0),
  'tracking-table-max-keys': number(1_000_000, 0, LONG_MAX),
  unixsocket: path(''),
  'zset-max-listpack-entries': number(128, 0, LONG_MAX),
  'zset-max-listpack-value': number(64, 0, LONG_MAX),
}

/** Names of before: Redis takes and tells both. */
export const ALIASES: Readonly<Record<string, string>> = {
  'hash-max-ziplist-entries': 'hash-max-listpack-entries',
  'hash-max-ziplist-value': 'hash-max-listpack-value',
  'list-max-ziplist-size': 'list-max-listpack-size',
  'zset-max-ziplist-entries': 'zset-max-listpack-entries',
  'zset-max-ziplist-value': 'zset-max-listpack-value',
  'min-slaves-max-lag': 'min-replicas-max-lag',
  'min-slaves-to-write': 'min-replicas-to-write',
  'slave-read-only': 'replica-read-only',
  slaveof: 'replicaof',
}
