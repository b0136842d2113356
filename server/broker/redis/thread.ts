import { randomBytes, randomInt } from 'node:crypto'
import { parentPort, workerData } from 'node:worker_threads'
import type { Log } from '../../domain/log.ts'
import { seeded } from '../../domain/seeded.ts'
import { nodeDisk } from '../storage/disk.ts'
import { nodeProcesses } from '../storage/lock.ts'
import { systemClock, systemTimers } from '../system-clock.ts'
import { COMPACT_ABOVE_BYTES, openJournal } from './journal.ts'
import { createScriptEngine } from './lua/script-engine.ts'
import { serveRedis } from './serve.ts'
import type { FromThread, ThreadStart, ToThread } from './thread-messages.ts'

const BEAT_MS = 1000
const SCRIPT_LIMITS = { timeLimitMs: 5_000, memoryLimitBytes: 64 * 1024 * 1024, cachedScripts: 500 }

/** The worker thread of one engine: everything it needs it is told once, at its start. */
async function main(start: ThreadStart): Promise<void> {
  const tell = (message: FromThread) => parentPort?.postMessage(message)
  const logAt = (level: keyof Log) => (event: string, fields?: Record<string, unknown>) =>
    tell({ kind: 'log', level, event, fields })
  const log: Log = { debug: logAt('debug'), info: logAt('info'), warn: logAt('warn'), error: logAt('error') }
  const serving = serveRedis({
    ...{ host: start.host, port: start.port, password: start.password, maxMemoryBytes: start.maxMemoryBytes },
    ...{ clock: systemClock, timers: systemTimers, log },
    random: seeded(randomInt(2 ** 32)),
    runId: randomBytes(20).toString('hex'),
    scripts: createScriptEngine(SCRIPT_LIMITS),
  })
  const { beat } = start
  const beating = setInterval(() => {
    beat[0] = (beat[0] ?? 0) + 1
  }, BEAT_MS)
  serving.engine.onBegin = ({ number }) => {
    beat[1] = number
  }
  parentPort?.on('message', (message: ToThread) => {
    if (message.kind === 'fault') serving.faults.add(message.fault)
    else void close()
  })
  const close = async () => {
    clearInterval(beating)
    await serving.close()
    parentPort?.close()
  }
  try {
    if (start.data !== null && start.durability !== 'memory') {
      const limits = { compactAboveBytes: COMPACT_ABOVE_BYTES, acceptsDamage: start.acceptsDamage }
      const places = { folder: start.data, disk: nodeDisk, processes: nodeProcesses }
      const times = { clock: systemClock, timers: systemTimers, log }
      const options = { ...places, ...times, ...limits, durability: start.durability }
      serving.engine.keepIn(await openJournal(options, serving.engine), start)
    }
    const port = await serving.listen()
    tell({ kind: 'ready', port, commands: serving.engine.registry.all.map(({ name }) => name) })
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : null
    tell({ kind: 'failed', message: error instanceof Error ? error.message : String(error), code })
    await close()
  }
}

void main(workerData as ThreadStart)
