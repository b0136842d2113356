import type { Lever, Verb } from '../../domain/control.ts'
import type { Queue } from '../../domain/queue.ts'
import type { Run } from '../../domain/run.ts'
import type { Gap } from '../../domain/snapshot.ts'
import type { ControlText } from '../../runtime/layout/control-text.ts'
import { fleetBase } from '../../runtime/layout/keys.ts'
import type { WorkerBeat } from '../../runtime/layout/worker-beat.ts'
import { replyFault } from './faults.ts'
import { groupedBy, sliced } from './grouping.ts'
import { type Link, listOf, type Reply, ReplyError } from './link.ts'
import type { Reading, SystemReading } from './reading.ts'
import { type ControlFound, type LiveWorker, placedControls } from './sluice-controls.ts'
import {
  BEAT_GONE_MS,
  type ControlInQueue,
  ControlTexts,
  queueOfSluice,
  runOfSluice,
  type SluiceQueue,
  type SluiceRow,
  sluiceBeat,
  sluiceQueue,
  sluiceRow,
  workerOfSluice,
} from './sluice-row.ts'
import { runQuotas } from './sluice-run-quotas.ts'
import { SLUICE_FLEET, SLUICE_ROWS, SLUICE_RUNS } from './sluice-script.ts'

/** Reads our own job runtime in one Redis, by scripts only, without writing. */
export class Sluice {
  readonly #source: string
  readonly #prefixes: readonly string[]
  readonly #texts = new ControlTexts()

  constructor(source: string, prefixes: readonly string[]) {
    this.#source = source
    this.#prefixes = prefixes
  }

  async read(reading: Reading): Promise<SystemReading> {
    const fleet = await this.#readFleet(reading)
    if (fleet.queues.length === 0 && fleet.beats.length === 0) return { ...NOTHING, gaps: fleet.gaps }
    const { serverMs } = fleet
    const { rows, gaps } = await readRows(fleet.queues, reading)
    const live = fleet.beats.filter(({ beat }) => serverMs - beat.beatAtMs <= BEAT_GONE_MS)
    const controls = controlsOf(rows, this.#texts.read(rows))
    const byQueue = groupedBy(controls, ({ queue }) => queue)
    const textsOf = (queue: SluiceQueue) => (byQueue.get(queue) ?? []).map(({ text }) => text)
    const runs = await readRuns(rows, textsOf, reading)
    return {
      systems: [{ name: 'sluice', version: versionOf(fleet.beats), cannotTell: {}, levers: LEVERS }],
      queues: queueRows(rows, textsOf, live, serverMs),
      workers: fleet.beats.map(({ prefix, beat }) =>
        workerOfSluice(beat, serverMs, (name) => sluiceQueue(prefix, name, this.#prefixes).shown),
      ),
      runs: runs.runs,
      controls: placedControls(this.#source, controls, { all: [...rows.keys()], live }),
      gaps: [...fleet.gaps, ...gaps, ...runs.gaps],
    }
  }

  async #readFleet({ topology, scripts, signal, nowMs }: Reading): Promise<Fleet> {
    const queues: SluiceQueue[] = []
    const beats: LiveWorker[] = []
    const gaps: Gap[] = []
    let serverMs = nowMs
    for (const [link, prefixes] of groupedBy(this.#prefixes, (prefix) => topology.linkOf(fleetBase(prefix)))) {
      if (!link) continue
      const args = [QUEUES_MAX, WORKERS_MAX, ...prefixes.map(fleetBase)]
      const [reply] = (await scripts.run(link, SLUICE_FLEET, [args], signal)) ?? [null]
      if (reply instanceof ReplyError) gaps.push(gapOf('queues of sluice', link, reply))
      // Where scripts are refused nothing of ours can be read; whether there is something, one command tells.
      if (!Array.isArray(reply)) {
        if (reply === null) gaps.push(...(await traces(link, prefixes, signal)))
        continue
      }
      const [time, ...answers] = reply as readonly Reply[]
      serverMs = Number(time) || serverMs
      for (const [at, prefix] of prefixes.entries()) {
        const [size, workers, names, told] = fleetAnswer(answers[at])
        queues.push(...names.map((name) => sluiceQueue(prefix, name, this.#prefixes)))
        beats.push(...told.flatMap((one) => sluiceBeat(one) ?? []).map((beat) => ({ prefix, beat })))
        if (size > QUEUES_MAX) gaps.push(tooMany('queues of sluice', size, QUEUES_MAX))
        if (workers > WORKERS_MAX) gaps.push(tooMany('workers of sluice', workers, WORKERS_MAX))
      }
    }
    queues.sort((one, other) => (one.shown < other.shown ? -1 : 1))
    return { queues, beats, gaps, serverMs }
  }
}

interface Fleet {
  readonly queues: readonly SluiceQueue[]
  readonly beats: readonly LiveWorker[]
  readonly gaps: readonly Gap[]
  readonly serverMs: number
}

type Rows = ReadonlyMap<SluiceQueue, SluiceRow>

const NOTHING: SystemReading = { systems: [], queues: [], workers: [], gaps: [] }
/** One call reads so many: about 1.5 ms of the server. */
const SLICE = 100
const QUEUES_MAX = 20_000
const WORKERS_MAX = 1_000
const RUNS_MAX = 500
const RUNS_SLICE = 100
const GAPS_MAX = 5

const LEVER: Lever = { by: 'workers', how: 'read in the claim script, before each start', caveat: null }
const LEVERS: Readonly<Record<Verb, Lever>> = { pause: LEVER, throttle: LEVER, limit: LEVER }

async function readRows(queues: readonly SluiceQueue[], { topology, scripts, signal }: Reading) {
  const rows = new Map<SluiceQueue, SluiceRow>()
  const unread: string[] = []
  for (const [link, own] of groupedBy(queues, ({ base }) => topology.linkOf(base))) {
    const slices = sliced(own, SLICE)
    const calls = slices.map((slice) => slice.map(({ base }) => base))
    const replies = link ? await scripts.run(link, SLUICE_ROWS, calls, signal) : null
    for (const [at, slice] of slices.entries()) {
      const reply = replies?.[at]
      const answers = listOf(reply)
      for (const [index, queue] of slice.entries()) {
        const row = sluiceRow(answers[index + 1])
        if (row !== null && typeof row !== 'string') rows.set(queue, row)
        else unread.push(`${queue.shown}: ${row ?? 'no answer'}`)
      }
    }
  }
  const named = unread.slice(0, GAPS_MAX).join('; ')
  const gap: Gap = { what: `${unread.length} queues of sluice`, code: 'malformed', message: named }
  return { rows, gaps: unread.length > 0 ? [gap] : [] }
}

function controlsOf(rows: Rows, texts: ReadonlyMap<ControlInQueue, ControlText>): readonly ControlFound[] {
  return [...rows].flatMap(([queue, { controls }]) =>
    controls.flatMap((inQueue): ControlFound[] => {
      const text = texts.get(inQueue)
      return text ? [{ queue, inQueue, text }] : []
    }),
  )
}

function queueRows(
  rows: Rows,
  textsOf: (queue: SluiceQueue) => readonly ControlText[],
  live: readonly LiveWorker[],
  serverMs: number,
): readonly Queue[] {
  const consumers = new Map<string, number>()
  for (const { prefix, beat } of live) {
    if (beat.phase !== 'running') continue
    for (const name of beat.serves) consumers.set(`${prefix}\n${name}`, (consumers.get(`${prefix}\n${name}`) ?? 0) + 1)
  }
  return [...rows].map(([queue, row]) =>
    queueOfSluice(queue.shown, row, {
      serverMs,
      consumers: consumers.get(`${queue.prefix}\n${queue.name}`) ?? 0,
      whole: textsOf(queue).filter(({ scope }) => scope === 'queue'),
    }),
  )
}

/** The living and those that ended last, RUNS_MAX over all queues; living ones beyond are a gap. */
async function readRuns(
  rows: Rows,
  textsOf: (queue: SluiceQueue) => readonly ControlText[],
  { topology, scripts, signal }: Reading,
) {
  const runs: Run[] = []
  let left = 0
  const having = [...rows].flatMap(([queue, row]) => (row.runs > 0 ? [{ queue, runs: row.runs }] : []))
  const quotas = runQuotas(having, RUNS_MAX)
  for (const [link, own] of groupedBy(quotas, ({ queue }) => topology.linkOf(queue.base))) {
    const slices = slicedByRuns(own)
    const calls = slices.map((slice) => slice.flatMap(({ queue, most }) => [queue.base, most]))
    const replies = link && calls.length > 0 ? await scripts.run(link, SLUICE_RUNS, calls, signal) : null
    for (const [at, slice] of slices.entries()) {
      const reply = replies?.[at]
      const answers = listOf(reply)
      for (const [index, { queue, most }] of slice.entries()) {
        const [live, told] = pairOf(answers[index])
        left += Math.max(0, live - most)
        const texts = textsOf(queue)
        runs.push(...told.flatMap((one) => runOfSluice(one, queue.shown, texts) ?? []))
      }
    }
  }
  runs.sort((one, other) => (other.startedAtMs ?? 0) - (one.startedAtMs ?? 0))
  return { runs, gaps: left > 0 ? [tooMany('runs of sluice', runs.length + left, RUNS_MAX)] : [] }
}

/** Pieces of at least RUNS_SLICE runs, so that there are few, and not many more, so that none takes long. */
function slicedByRuns<T extends { readonly most: number }>(quotas: readonly T[]): readonly (readonly T[])[] {
  const slices: T[][] = []
  let runs = RUNS_SLICE
  for (const quota of quotas) {
    if (runs >= RUNS_SLICE) {
      slices.push([])
      runs = 0
    }
    slices.at(-1)?.push(quota)
    runs += quota.most
  }
  return slices
}

function pairOf(reply: Reply | undefined): readonly [live: number, runs: readonly Reply[]] {
  const [live, runs] = listOf(reply)
  return [Number(live ?? 0), listOf(runs)]
}

function fleetAnswer(
  reply: Reply | undefined,
): readonly [queues: number, workers: number, names: readonly string[], told: readonly Reply[]] {
  const [queues, workers, names, told] = listOf(reply)
  return [Number(queues ?? 0), Number(workers ?? 0), listOf(names).map(String), listOf(told)]
}

async function traces(link: Link, prefixes: readonly string[], signal: AbortSignal): Promise<readonly Gap[]> {
  const keys = prefixes.map((prefix) => `${fleetBase(prefix)}queues`)
  const [exist] = await link.run('sluice', [['EXISTS', ...keys]], signal)
  if (!(Number(exist) > 0)) return []
  const message = `redis ${link.address}: Sluice's own jobs are read by scripts, which this user may not run`
  return [{ what: 'queues of sluice', code: 'refused', message }]
}

/** The version that most workers say. */
function versionOf(beats: readonly { readonly beat: WorkerBeat }[]): string | null {
  const versions = [...groupedBy(beats, ({ beat }) => beat.version)]
  return versions.sort(([, one], [, other]) => other.length - one.length)[0]?.[0] ?? null
}

function gapOf(what: string, link: Link, { text }: ReplyError): Gap {
  const { code, message } = replyFault('sluice', link.address, text)
  return { what, code, message }
}

function tooMany(what: string, size: number, most: number): Gap {
  return { what, code: 'unsupported', message: `${size} of them; at most ${most} are read` }
}
