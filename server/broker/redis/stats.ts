import type { EngineCall } from './call.ts'
import type { Client } from './client.ts'
import { cut } from './cut.ts'
import type { Engine } from './engine.ts'
import { redacted } from './redacted.ts'
import type { Entry, Registry } from './registry.ts'
import { Status } from './reply.ts'

export interface SlowCommand {
  readonly id: number
  readonly atSeconds: number
  readonly usec: number
  readonly args: readonly string[]
  readonly address: string
  readonly clientName: string
}

const SLOW_ARGS_MAX = 32
const SLOW_ARG_BYTES_MAX = 128
const ERROR_NAMES_MAX = 128
const RATE_SAMPLES = 16

/** Counters for INFO, SLOWLOG and MONITOR. */
export class Stats {
  readonly startedAtMs: number
  expiredKeys = 0
  errors = 0
  readonly errorsByCode = new Map<string, number>()
  slow: SlowCommand[] = []
  peakMemoryBytes = 0
  #nextSlow = 0
  #rates: number[] = []
  #lastCalls = 0
  #lastAtMs = 0
  readonly #registry: Registry

  constructor(nowMs: number, registry: Registry) {
    this.startedAtMs = nowMs
    this.#registry = registry
  }

  reset(): void {
    this.#lastCalls = 0
    this.#rates = []
    this.expiredKeys = 0
    this.errors = 0
    this.errorsByCode.clear()
    for (const entry of this.#registry.all) {
      entry.calls = 0
      entry.timedCalls = 0
      entry.timedUsec = 0
      entry.rejectedCalls = 0
      entry.failedCalls = 0
    }
  }

  /** Called now and then: the pace of commands. */
  sample(nowMs: number): void {
    const { calls } = this.#registry
    const tookMs = nowMs - this.#lastAtMs
    if (this.#lastAtMs > 0 && tookMs > 0) {
      this.#rates.push(((calls - this.#lastCalls) * 1000) / tookMs)
      if (this.#rates.length > RATE_SAMPLES) this.#rates.shift()
    }
    this.#lastAtMs = nowMs
    this.#lastCalls = calls
  }

  get perSecond(): number {
    if (this.#rates.length === 0) return 0
    return Math.round(this.#rates.reduce((sum, rate) => sum + rate, 0) / this.#rates.length)
  }

  countError(text: string): void {
    this.errors++
    const space = text.indexOf(' ')
    const code = space < 0 ? text : cut(text, 0, space)
    const seen = this.errorsByCode.get(code)
    if (seen !== undefined || this.errorsByCode.size < ERROR_NAMES_MAX) this.errorsByCode.set(code, (seen ?? 0) + 1)
  }

  time(
    engine: Engine,
    entry: Entry,
    { args, client, ms }: { readonly args: readonly string[]; readonly client: Client; readonly ms: number },
  ): void {
    const usec = ms * 1000
    entry.timedCalls++
    entry.timedUsec += usec
    const { slowerThanUsec, slowLogMax } = engine.config
    if (slowerThanUsec < 0 || usec < slowerThanUsec || slowLogMax === 0 || entry.name === 'exec') return
    this.slow.unshift({
      id: this.#nextSlow++,
      atSeconds: Math.floor(engine.nowMs / 1000),
      usec: Math.round(usec),
      args: shortened(redacted(entry, args)),
      address: client.link.remote,
      clientName: client.name,
    })
    while (this.slow.length > slowLogMax) this.slow.pop()
  }

  tellMonitors(engine: Engine, call: EngineCall, entry: Entry, args: readonly string[]): void {
    if (entry.command.flags.includes('admin')) return
    const seconds = (engine.nowMs / 1000).toFixed(6)
    const from = call.client.link.id === 0 ? 'lua' : call.client.link.remote
    const line = new Status(`${seconds} [${call.db.index} ${from}] ${redacted(entry, args).map(quoted).join(' ')}`)
    for (const monitor of engine.monitors) monitor.send(line)
  }
}

function shortened(args: readonly string[]): readonly string[] {
  const kept = args.length > SLOW_ARGS_MAX ? args.slice(0, SLOW_ARGS_MAX - 1) : args
  const short = kept.map((arg) => {
    const more = arg.length - SLOW_ARG_BYTES_MAX
    return more > 0 ? `${cut(arg, 0, SLOW_ARG_BYTES_MAX)}... (${more} more bytes)` : arg
  })
  return kept === args ? short : [...short, `... (${args.length - kept.length} more arguments)`]
}

const ESCAPES: Readonly<Record<string, string>> = {
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\x07': '\\a',
  '\b': '\\b',
  '"': '\\"',
  '\\': '\\\\',
}

function quoted(text: string): string {
  const escaped = (char: string) => ESCAPES[char] ?? `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what is to be escaped
  return `"${text.replace(/[\x00-\x1f\x7f-\xff"\\]/g, escaped)}"`
}
