import type { Clock } from '../../domain/clock.ts'
import type { Log } from '../../domain/log.ts'
import { Faults } from '../faults.ts'
import { Listener } from '../listener.ts'
import type { Timers } from '../system-clock.ts'
import { Connection } from './connection.ts'
import { Engine } from './engine.ts'
import { usedBytes } from './garbage.ts'
import { Heap } from './heap.ts'
import type { ScriptEngine } from './lua/script-host.ts'

export interface ServeOptions {
  /** null: loopback, IPv4 and IPv6. */
  readonly host: string | null
  /** 0: a free one. */
  readonly port: number
  readonly password: string
  /** 0: no limit. */
  readonly maxMemoryBytes: number
  readonly clock: Clock
  readonly timers: Timers
  readonly log: Log
  readonly random: () => number
  /** 40 hex digits. */
  readonly runId: string
  readonly scripts: ScriptEngine
}

export interface Serving {
  readonly engine: Engine
  readonly listener: Listener
  readonly faults: Faults
  /** Begins to listen; the port. Throws Node's error when it cannot. */
  listen(): Promise<number>
  close(): Promise<void>
}

const TICK_MS = 100
/** Of one tick, for each database: places looked at for keys whose time is over, and keys removed. */
const SWEEP_PLACES = 200_000
const SWEEP_KEYS = 5_000
const SAMPLE_EVERY_TICKS = 10

/** An engine with its listener, in this thread. The journal, if any, is set on the engine before `listen`. */
export function serveRedis(options: ServeOptions): Serving {
  const { clock, timers, log } = options
  const heap = new Heap(() => clock.monotonicMs())
  const engine = new Engine({
    ...{ clock, timers, log, random: options.random, scripts: options.scripts, runId: options.runId },
    ...{ password: options.password, maxMemoryBytes: options.maxMemoryBytes },
    usedMemory: usedBytes,
    isMemoryOver: (limitBytes) => heap.isOver(limitBytes),
  })
  const faults = new Faults()
  const listener = new Listener({
    ...{ timers, log },
    converse: (peer) => new Connection(engine, peer, faults),
    clientsMax: () => engine.config.clientsMax,
    fullText: '-ERR max number of clients reached\r\n',
    barrier: () => engine.flushed(),
    settled: () => engine.flushUnanswered(),
  })
  engine.traffic = listener
  let ticks = 0
  let cancelTick = () => {}
  const tick = () => {
    ticks++
    listener.work(() => engine.tick(SWEEP_PLACES, SWEEP_KEYS))
    if (ticks % SAMPLE_EVERY_TICKS === 0) engine.stats.sample(clock.monotonicMs())
    cancelTick = timers.after(TICK_MS, tick)
  }
  cancelTick = timers.after(TICK_MS, tick)
  return {
    engine,
    listener,
    faults,
    async listen() {
      const port = await listener.listen(options.host, options.port)
      engine.config.tell('port', String(port))
      if (options.host !== null) engine.config.tell('bind', options.host)
      return port
    },
    async close() {
      cancelTick()
      await listener.close()
      await engine.journal?.close()
    },
  }
}
