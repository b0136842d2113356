import { duplexPair } from 'node:stream'
import type { ScriptEngine } from '../../server/broker/redis/lua/script-host.ts'
import { type Serving, serveRedis } from '../../server/broker/redis/serve.ts'
import type { Timers } from '../../server/broker/system-clock.ts'
import type { Log } from '../../server/domain/log.ts'
import { seeded } from '../../server/domain/seeded.ts'
import { type ManualClock, manualClock } from './manual-clock.ts'
import { request } from './raw-resp.ts'

/** An engine in this thread, without ports, whose time a test moves. */
export interface TestEngine extends Serving {
  readonly clock: ManualClock
  readonly logged: readonly string[]
  /** Lets time pass: clocks move, then what is due runs. */
  pass(ms: number): void
  connect(): TestClient
}

/** The other end of a connection: bytes in, bytes out, as latin1. */
export interface TestClient {
  /** Sends words as one request; gives what came back until nothing more comes. */
  ask(...args: readonly string[]): Promise<string>
  /** The same with bytes as they are. */
  say(text: string): Promise<string>
  /** What came since the last look. */
  heard(): Promise<string>
  /** Reads nothing any more. */
  stopReading(): void
  readonly isClosed: boolean
  /** Closes its half. */
  leave(): void
}

interface Options {
  readonly password?: string
  readonly maxMemoryBytes?: number
  readonly scripts?: ScriptEngine
}

export function startEngine({ password = '', maxMemoryBytes = 0, scripts = NO_SCRIPTS }: Options = {}): TestEngine {
  const clock = manualClock()
  const due = new Map<object, { atMs: number; run: () => void }>()
  const timers: Timers = {
    after(ms, run) {
      const timer = {}
      due.set(timer, { atMs: clock.monotonicMs() + ms, run })
      return () => due.delete(timer)
    },
  }
  const logged: string[] = []
  const note = (event: string, fields?: Record<string, unknown>) => logged.push(`${event} ${JSON.stringify(fields)}`)
  const log: Log = { debug: () => {}, info: () => {}, warn: note, error: note }
  const serving = serveRedis({
    ...{ host: null, port: 0, password, maxMemoryBytes, clock, timers, log, scripts },
    random: seeded(1),
    runId: '0'.repeat(40),
  })
  return {
    ...serving,
    clock,
    logged,
    pass(ms) {
      const endMs = clock.monotonicMs() + ms
      for (;;) {
        const [first] = [...due].filter(([, { atMs }]) => atMs <= endMs).sort((a, b) => a[1].atMs - b[1].atMs)
        if (first === undefined) break
        clock.advance(Math.max(0, first[1].atMs - clock.monotonicMs()))
        due.delete(first[0])
        first[1].run()
      }
      clock.advance(endMs - clock.monotonicMs())
    },
    connect: () => connectTo(serving),
  }
}

function connectTo({ listener }: Serving): TestClient {
  const [near, far] = duplexPair()
  listener.add(far)
  let heard = ''
  let isClosed = false
  near.on('data', (chunk: Buffer) => {
    heard += chunk.toString('latin1')
  })
  near.on('error', () => {})
  near.on('close', () => {
    isClosed = true
  })
  near.on('end', () => {
    isClosed = true
  })
  far.on('close', () => {
    isClosed = true
  })
  const take = async () => {
    // Both ends hand bytes on in later turns of the loop; nothing else is waited for.
    for (let turn = 0, before = -1; turn < 3 || before !== heard.length; turn++) {
      before = heard.length
      await new Promise((resolve) => setImmediate(resolve))
    }
    const text = heard
    heard = ''
    return text
  }
  const say = (text: string) => {
    near.write(text, 'latin1')
    return take()
  }
  return {
    say,
    ask: (...args) => say(request(...args)),
    heard: take,
    stopReading: () => near.pause(),
    get isClosed() {
      return isClosed
    },
    leave: () => near.end(),
  }
}

const NO_SCRIPTS: ScriptEngine = {
  load: () => '',
  has: () => false,
  flagsOf: () => null,
  flush: () => {},
  run: () => null,
}
