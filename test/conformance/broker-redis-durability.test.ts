import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { seeded } from '../../server/domain/seeded.ts'
import { buildApp } from '../support/built-app.ts'
import { eventually } from '../support/eventually.ts'
import { openRaw, type RawRedis } from '../support/raw-resp.ts'
import type { EngineSettings } from '../support/redis-engine-app.ts'

/** In all: the release is tried with 200, which takes about two minutes. */
const KILLS = Number(process.env.SLUICE_KILLS ?? 24)
const WRITERS = 4
/** So many other keys make a snapshot last for several turns of the event loop. */
const FILLERS = 3_000
const COMPACT_ABOVE_BYTES = 400_000

let app: Awaited<ReturnType<typeof buildApp>>
const children = new Set<ChildProcess>()

beforeAll(async () => {
  app = await buildApp('redis-engine-app')
})
afterAll(() => {
  for (const child of children) child.kill('SIGKILL')
  app?.remove()
})

interface Running {
  readonly child: ChildProcess
  readonly port: number
  /** What it logged so far. */
  readonly events: readonly string[]
}

async function start(settings: EngineSettings): Promise<Running> {
  const child = spawn(process.execPath, [app.file, JSON.stringify(settings)], { stdio: ['ignore', 'pipe', 'inherit'] })
  children.add(child)
  child.once('exit', () => children.delete(child))
  const events: string[] = []
  let rest = ''
  const port = new Promise<number>((resolve, reject) => {
    child.once('exit', () => reject(new Error(`it ended: ${rest} ${events.join(' ')}`)))
    child.stdout?.on('data', (chunk) => {
      const lines = `${rest}${chunk}`.split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) {
        const event = JSON.parse(line) as { name: string; port?: number }
        events.push(event.name)
        if (event.port !== undefined) resolve(event.port)
      }
    })
  })
  return { child, port: await port, events }
}

async function kill({ child }: Running): Promise<void> {
  const gone = once(child, 'exit')
  child.kill('SIGKILL')
  await gone
}

/** What one writer was promised, and what it asked for at most. */
class Writer {
  readonly #name: string
  acknowledged = 0
  sent = 0

  constructor(name: string) {
    this.#name = name
  }

  /** One piece of work after another, each numbered, until the connection ends. A piece counts once all its answers are there. */
  async write(port: number): Promise<void> {
    const client = await openRaw(port)
    try {
      for (;;) {
        this.sent++
        const replies = await client.ask(this.#piece(this.sent))
        expect(replies.filter((reply) => reply.startsWith('-'))).toEqual([])
        this.acknowledged = this.sent
      }
    } catch (error) {
      throwUnlessEnded(error)
    } finally {
      client.close()
    }
  }

  #piece(number: number): string[][] {
    const text = String(number)
    const script =
      "redis.call('INCR', KEYS[1]) redis.call('RPUSH', KEYS[2], ARGV[1]) return redis.call('HINCRBY', KEYS[3], 'n', 1)"
    const [counter, list, stream, hash, left, right] = this.#keys()
    return [
      ['EVAL', script, '3', counter!, list!, hash!, text],
      ['XADD', stream!, `${text}-*`, 'number', text],
      ['MULTI'],
      ['INCR', left!],
      ['SET', `filler:${number % FILLERS}`, 'y'.repeat(100 + (number % 100))],
      ['INCR', right!],
      ['EXEC'],
    ]
  }

  #keys(): readonly string[] {
    return ['counter', 'list', 'stream', 'hash', 'left', 'right'].map((kind) => `${kind}:${this.#name}`)
  }

  /** Everything acknowledged is there, nothing twice, and what belongs together came together. */
  async check(client: RawRedis): Promise<void> {
    const [counter, list, stream, hash, left, right] = this.#keys()
    const replies = await client.ask([
      ['GET', counter!],
      ['LLEN', list!],
      ['XLEN', stream!],
      ['HGET', hash!, 'n'],
      ['GET', left!],
      ['GET', right!],
      ['LINDEX', list!, '-1'],
    ])
    const [counted, listed, streamed, hashed, lefts, rights, last] = replies.map((reply) =>
      Number(/^(?:\$\d+\r\n|:)(\d+)/.exec(reply)?.[1] ?? 0),
    )
    expect([listed, hashed, last]).toEqual([counted, counted, counted])
    expect(rights).toBe(lefts)
    for (const found of [counted, streamed, lefts]) {
      expect(found).toBeGreaterThanOrEqual(this.acknowledged)
      expect(found).toBeLessThanOrEqual(this.sent)
    }
    // The next pieces count from what is there: the one under way at the kill may have been kept in part, between its frames.
    const missing = this.sent - Math.min(counted!, streamed!, lefts!)
    expect(missing).toBeLessThanOrEqual(1)
    await client.ask(this.#levelled(counted!, streamed!, lefts!))
    this.acknowledged = this.sent
  }

  /** Does what is missing of the last piece. */
  #levelled(counted: number, streamed: number, lefts: number): string[][] {
    const [script, add, ...transaction] = this.#piece(this.sent)
    const missing: string[][] = []
    if (counted < this.sent) missing.push(script!)
    if (streamed < this.sent) missing.push(add!)
    if (lefts < this.sent) missing.push(...transaction)
    return missing
  }
}

/** How long one compaction takes here and now, ms: the kills come within a few of them, however busy the machine is. */
async function timeOfCompaction({ events }: Running, client: RawRedis): Promise<number> {
  const startedMs = performance.now()
  await client.ask([['BGREWRITEAOF']])
  await eventually(() => events.includes('compacted'), { timeoutMs: 20_000 })
  return performance.now() - startedMs
}

/** So that most kills meet a snapshot under way. */
async function compactAgainAndAgain(port: number): Promise<void> {
  const client = await openRaw(port)
  try {
    for (;;) {
      await client.ask([['BGREWRITEAOF']])
      await delay(10)
    }
  } catch (error) {
    throwUnlessEnded(error)
  } finally {
    client.close()
  }
}

function throwUnlessEnded(error: unknown): void {
  if (!(error instanceof Error && /closed|ECONN|EPIPE/.test(error.message))) throw error
}

describe.each([
  ['always', Math.ceil(KILLS / 2)],
  ['interval', Math.floor(KILLS / 2)],
] as const)('%s, killed %i times at random moments under load, while it compacts', (durability, kills) => {
  it('loses no acknowledged write', { timeout: 60_000 + kills * 3_000 }, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sluice-durability-'))
    const settings = { folder, durability, compactAboveBytes: COMPACT_ABOVE_BYTES }
    const random = seeded(kills)
    const writers = Array.from({ length: WRITERS }, (_, place) => new Writer(`w${place}`))
    const names = new Map<string, number>()
    let withinMs = 0
    try {
      for (let count = 0; count <= kills; count++) {
        const running = await start(settings)
        const client = await openRaw(running.port)
        if (count === 0) {
          await client.ask(Array.from({ length: FILLERS }, (_, at) => ['SET', `filler:${at}`, 'x'.repeat(200)]))
          withinMs = Math.max(150, 3 * (await timeOfCompaction(running, client)))
        } else for (const writer of writers) await writer.check(client)
        client.close()
        const writing = writers.map((writer) => writer.write(running.port))
        writing.push(compactAgainAndAgain(running.port))
        await delay(10 + random() * withinMs)
        await kill(running)
        await Promise.all(writing)
        for (const name of running.events) names.set(name, (names.get(name) ?? 0) + 1)
      }
      const acknowledged = writers.reduce((sum, writer) => sum + writer.acknowledged, 0)
      console.log(durability, {
        ...{ kills, withinMs, acknowledged },
        compactions: names.get('compacted') ?? 0,
        torn: names.get('torn tail of the journal cut off') ?? 0,
      })
      expect(acknowledged).toBeGreaterThan(kills * WRITERS)
      // Beyond the one that was timed.
      expect(names.get('compacted') ?? 0).toBeGreaterThan(1)
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })
})

it('a second engine on the same directory is refused, and the first is named', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-durability-'))
  try {
    const settings = { folder, durability: 'interval', compactAboveBytes: COMPACT_ABOVE_BYTES } as const
    const first = await start(settings)
    const second = spawn(process.execPath, [app.file, JSON.stringify(settings)], {
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    let said = ''
    second.stderr?.on('data', (chunk) => {
      said += chunk
    })
    await once(second, 'exit')
    expect(said).toContain(`${folder} is in use by process ${first.child.pid}`)
    await kill(first)
    await kill(await start(settings))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
