import { describe, expect, it } from 'vitest'
import { nodeOf, parseInfo } from './server-info.ts'

const INFO = [
  '# Server',
  'redis_version:7.0.15',
  'redis_mode:standalone',
  '# Clients',
  'connected_clients:12',
  '# Memory',
  'used_memory:950',
  'maxmemory:1000',
  'maxmemory_policy:noeviction',
  '# Persistence',
  'loading:0',
  'rdb_last_bgsave_status:ok',
  '# Replication',
  'role:master',
  '# Keyspace',
  'db0:keys=5,expires=0,avg_ttl=0',
  'db3:keys=77,expires=1,avg_ttl=0',
  '',
].join('\r\n')

describe('parseInfo', () => {
  it('reads what the node and the alarms need', () => {
    const info = parseInfo(INFO, 3)
    expect(info).toMatchObject({ version: '7.0.15', role: 'master', clients: 12, keys: 77, loading: false })
    expect(nodeOf('a:1', info)).toEqual({
      name: 'a:1',
      role: 'master',
      version: '7.0.15',
      memoryBytes: 950,
      memoryLimitBytes: 1000,
      connections: 12,
      alarms: ['memory near maxmemory'],
    })
  })

  it('a database that is not listed is empty; one that is not told is unknown', () => {
    expect(parseInfo(INFO, 9).keys).toBe(0)
    expect(parseInfo('something else', 0)).toMatchObject({ keys: null, version: null, memoryBytes: null })
  })

  it.each([
    ['used_memory:1000', 'maxmemory:1000', ['maxmemory reached']],
    ['used_memory:1000', 'maxmemory:0', []],
    [
      'used_memory:10\r\nmaxmemory_policy:allkeys-lru',
      'maxmemory:1000',
      ['maxmemory-policy allkeys-lru can evict jobs'],
    ],
    ['used_memory:10\r\nmaxmemory_policy:allkeys-lru', 'maxmemory:0', []],
    ['loading:1', '', ['loading its data from disk']],
    [
      'rdb_last_bgsave_status:err',
      'aof_last_write_status:err',
      ['the last save to disk failed', 'the last write of the append-only file failed'],
    ],
    ['master_link_status:down', '', ['replica has lost its master']],
  ])('%j with %j gives the alarms %j', (one, other, alarms) => {
    expect(parseInfo(`redis_version:7.0.0\r\n${one}\r\n${other}\r\n`, 0).alarms).toEqual(alarms)
  })
})
