/** A process that is an engine and nothing else, for tests that kill it. Prints its port when it listens. */
import { randomBytes } from 'node:crypto'
import { openJournal } from '../../server/broker/redis/journal.ts'
import { createScriptEngine } from '../../server/broker/redis/lua/script-engine.ts'
import { serveRedis } from '../../server/broker/redis/serve.ts'
import { nodeDisk } from '../../server/broker/storage/disk.ts'
import { nodeProcesses } from '../../server/broker/storage/lock.ts'
import { systemClock, systemTimers } from '../../server/broker/system-clock.ts'

export interface EngineSettings {
  readonly folder: string
  readonly durability: 'interval' | 'always'
  readonly compactAboveBytes: number
}

const settings = JSON.parse(process.argv[2] ?? '') as EngineSettings
const event = (name: string, fields: Record<string, unknown> = {}) => console.log(JSON.stringify({ name, ...fields }))
const log = { debug: () => {}, info: event, warn: event, error: event }
const times = { clock: systemClock, timers: systemTimers, log }
const serving = serveRedis({
  ...{ host: '127.0.0.1', port: 0, password: '', maxMemoryBytes: 0, ...times, random: Math.random },
  runId: randomBytes(20).toString('hex'),
  scripts: createScriptEngine({ timeLimitMs: 5_000, memoryLimitBytes: 64 * 1024 * 1024, cachedScripts: 500 }),
})
const options = { ...settings, ...times, acceptsDamage: false, disk: nodeDisk, processes: nodeProcesses }
serving.engine.keepIn(await openJournal(options, serving.engine), {
  data: settings.folder,
  durability: settings.durability,
})
event('listening', { port: await serving.listen() })
