import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { Worker, type WorkerOptions } from 'node:worker_threads'
import type { Log } from '../../domain/log.ts'
import type { Fault } from '../faults.ts'
import type { Durability } from './journal-port.ts'
import type { FromThread, ThreadStart, ToThread } from './thread-messages.ts'

export interface RedisBrokerOptions {
  /** Address to listen on; loopback, 127.0.0.1 and [::1], when not given. Any other needs a password. */
  readonly host?: string
  /** 0, or not given: a free one. */
  readonly port?: number
  /** Of the default user; none when not given. */
  readonly password?: string
  /** Folder to keep the data in; without it nothing is kept. */
  readonly data?: string
  /** memory without a folder, interval with one. */
  readonly durability?: Durability
  /** Starts although a file in the folder is damaged, without what cannot be read. */
  readonly acceptsDamage?: boolean
  /** Writes are refused above; 0: no limit. 1 GiB when not given. */
  readonly maxMemoryBytes?: number
  /** Nothing is logged when not given. */
  readonly log?: Log
  /** The thread ended by itself, for example out of memory. */
  readonly onFailure?: (error: Error) => void
}

/** An engine that runs. */
export interface RedisBroker {
  readonly url: string
  readonly host: string
  readonly port: number
  readonly mode: Durability
  /** null: nothing is kept. */
  readonly data: string | null
  /** Makes it answer wrongly, late or not at all, once. In effect before anything sent afterwards. */
  fault(fault: Fault): void
  /** Writes what is left, closes every connection and ends the thread. */
  close(): Promise<void>
}

const MEBIBYTE = 1024 * 1024
const MAX_MEMORY_BYTES = 1024 * MEBIBYTE
/** Room above maxmemory for what a collection has not looked at yet, and for the code itself. */
const HEAP_SLACK = 1.5
const HEAP_EXTRA_MB = 256
const SILENT_AFTER_S = 10
const CLOSE_DEADLINE_MS = 5_000
const LOOPBACK = ['localhost', '127.0.0.1', '::1']

/** Starts an embedded Redis-compatible engine in a thread of its own. Rejects when it cannot listen, or cannot read its data. */
export async function redisBroker(options: RedisBrokerOptions = {}): Promise<RedisBroker> {
  const { host, password = '', maxMemoryBytes = MAX_MEMORY_BYTES, data = null } = options
  const mode = options.durability ?? (data === null ? 'memory' : 'interval')
  if (mode !== 'memory' && data === null) throw new Error(`durability ${mode} needs a data directory`)
  if (host !== undefined && !LOOPBACK.includes(host) && password === '') {
    throw new Error(`listening on ${host}, which others can reach, needs a password`)
  }
  const beat = new Int32Array(new SharedArrayBuffer(8))
  const isEverywhere = host === undefined || host === 'localhost'
  const start: ThreadStart = {
    ...{ host: isEverywhere ? null : host, port: options.port ?? 0, password, maxMemoryBytes, beat },
    ...{ data, durability: mode, acceptsDamage: options.acceptsDamage ?? false },
  }
  const heapMb = Math.ceil((HEAP_SLACK * (maxMemoryBytes || 4 * MAX_MEMORY_BYTES)) / MEBIBYTE) + HEAP_EXTRA_MB
  const worker = new Worker(...threadOf({ workerData: start, resourceLimits: { maxOldGenerationSizeMb: heapMb } }))
  const { port, commands } = await ready(worker, options)
  const stopWatching = watch(worker, { beat, commands, options })
  const shownHost = host ?? '127.0.0.1'
  const credentials = password === '' ? '' : `:${encodeURIComponent(password)}@`
  let closing: Promise<void> | null = null
  return {
    url: `redis://${credentials}${shownHost.includes(':') ? `[${shownHost}]` : shownHost}:${port}`,
    ...{ host: shownHost, port, mode, data },
    fault: (fault) => worker.postMessage({ kind: 'fault', fault } satisfies ToThread),
    close() {
      stopWatching()
      closing ??= end(worker)
      return closing
    },
  }
}

/** Built, the thread is a file of its own beside the program, or above its chunks. From sources it is built here, in memory. */
function threadOf(options: WorkerOptions): [URL | string, WorkerOptions] {
  const here = import.meta.url
  if (here.endsWith('.ts')) return [builtFromSources(here), { ...options, execArgv: [], eval: true }]
  const built = ['./broker-redis.js', '../broker-redis.js'].map((file) => new URL(file, here))
  const found = built.find((url) => existsSync(fileURLToPath(url)))
  if (found === undefined) throw new Error('broker-redis.js is missing beside this program: build it again')
  return [found, { ...options, execArgv: [] }]
}

/** What is used of esbuild. */
interface Bundler {
  buildSync(options: Readonly<Record<string, unknown>>): { readonly outputFiles: readonly { readonly text: string }[] }
}

let builtCode: string | null = null

/** A worker thread cannot be started from TypeScript: Node loads none, and a loader in the thread starts slower than one build. */
function builtFromSources(here: string): string {
  if (builtCode !== null) return builtCode
  // Not an import: in the built program there is no esbuild, and no need for it.
  const { buildSync } = createRequire(here)('esbuild') as Bundler
  const { outputFiles } = buildSync({
    entryPoints: [fileURLToPath(new URL('./thread.ts', here))],
    ...{ bundle: true, write: false, format: 'cjs', platform: 'node', target: 'node20', sourcemap: 'inline' },
  })
  builtCode = outputFiles[0]?.text ?? ''
  return builtCode
}

interface Ready {
  readonly port: number
  readonly commands: readonly string[]
}

function ready(worker: Worker, { log, port }: RedisBrokerOptions): Promise<Ready> {
  return new Promise((resolve, reject) => {
    worker.once('error', reject)
    worker.once('exit', () => reject(new Error('the engine ended before it listened')))
    worker.on('message', (message: FromThread) => {
      if (message.kind === 'log') log?.[message.level](message.event, message.fields)
      if (message.kind === 'ready') resolve(message)
      if (message.kind === 'failed') {
        const isTaken = message.code === 'EADDRINUSE'
        reject(
          Object.assign(new Error(isTaken ? `port ${port} is already taken` : message.message), { code: message.code }),
        )
      }
    })
  })
}

/** Looks each second for a beat of the thread, and logs what it does when there has been none for 10 s. */
function watch(
  worker: Worker,
  { beat, commands, options }: { beat: Int32Array; commands: readonly string[]; options: RedisBrokerOptions },
): () => void {
  let seen = 0
  let silentS = 0
  const timer = setInterval(() => {
    const now = beat[0] ?? 0
    silentS = now === seen ? silentS + 1 : 0
    seen = now
    if (silentS !== SILENT_AFTER_S) return
    const command = commands[beat[1] ?? 0] ?? 'nothing'
    options.log?.error('the engine is silent', { seconds: SILENT_AFTER_S, command })
  }, 1000)
  timer.unref()
  worker.on('error', (error: Error) => {
    clearInterval(timer)
    options.onFailure?.(error)
  })
  return () => clearInterval(timer)
}

async function end(worker: Worker): Promise<void> {
  const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()))
  const deadline = setTimeout(() => void worker.terminate(), CLOSE_DEADLINE_MS)
  worker.postMessage({ kind: 'close' } satisfies ToThread)
  // A thread that has ended already says nothing any more.
  if (worker.threadId !== -1) await ended
  clearTimeout(deadline)
}
