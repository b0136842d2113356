import { OpsError } from '../../domain/errors.ts'
import type { Jobs } from '../jobs/create-jobs.ts'
import type { Json } from '../jobs/cursor.ts'
import { BEGIN, LIST, READ, WRITE } from './lua/saga.ts'
import { isOver, type SagaState, type SagaStatus } from './saga-state.ts'

/** A saga as it stands in Redis. */
export interface SagaRecord {
  readonly id: string
  readonly state: SagaState
  readonly revision: string
  readonly args: Json
  /** Of the arguments. */
  readonly version: number
  /** The job that may go on with it; '' = none needs to. */
  readonly unit: string
  /** Whether that job is there, and not dead. */
  readonly isAlive: boolean
  /** Who wrote last, of workers. */
  readonly write: string
  readonly results: Readonly<Record<string, Json>>
  /** By the clock of Redis, Unix ms. */
  readonly startedAtMs: number
  readonly changedAtMs: number
  readonly endedAtMs: number | null
  /** When this was read. */
  readonly nowMs: number
}

export interface ListedSaga {
  readonly id: string
  readonly status: SagaStatus
  readonly state: SagaState
  readonly startedAtMs: number
  readonly changedAtMs: number
  readonly isAlive: boolean
}

/** The unit that writes, with its fencing token; null = a person. */
export type Writer = { readonly unit: string; readonly epoch: number } | null

/** Sagas of one name in one queue. All reject with OpsError. */
export class SagaStore {
  readonly #jobs: Jobs
  readonly #queue: string
  readonly #name: string
  readonly #endedCap: number

  constructor(jobs: Jobs, { queue, name, endedCap }: { queue: string; name: string; endedCap: number }) {
    this.#jobs = jobs
    this.#queue = queue
    this.#name = name
    this.#endedCap = endedCap
  }

  /** Null = there is none. */
  async read(id: string): Promise<SagaRecord | null> {
    return this.#recordOf(id, (await this.#jobs.run(READ, this.#queue, [id, this.#name])) as RecordReply)
  }

  /** Makes it with these fields where it is not there yet. Null = the unit is not held with this epoch any more. */
  async begin(id: string, writer: NonNullable<Writer>, fresh: Pick<SagaRecord, 'state' | 'args' | 'version'>) {
    const { state, args, version } = fresh
    const words = [id, this.#name, writer.unit, writer.epoch, JSON.stringify(state), JSON.stringify(args), version]
    return this.#recordOf(id, (await this.#jobs.run(BEGIN, this.#queue, [...words, state.status])) as RecordReply)
  }

  /** Writes the next state if the saga is still as it was read. */
  async write(record: SagaRecord, writer: Writer, next: Next): Promise<'saved' | 'changed' | 'lost'> {
    const { state, unit, fields = {} } = next
    const texts = ['state', JSON.stringify(state), 'unit', unit, ...Object.entries(fields).flat()]
    const over = isOver(state.status) ? '1' : ''
    const who = [writer?.unit ?? '', writer?.epoch ?? '', record.revision]
    const words = [record.id, this.#name, ...who, state.status, over, this.#endedCap, texts.length, ...texts]
    const [, how] = (await this.#jobs.run(WRITE, this.#queue, words)) as readonly [number, 'saved' | 'changed' | 'lost']
    return how
  }

  /** The latest first. */
  async list(isEnded: boolean, count: number): Promise<readonly ListedSaga[]> {
    const words = ['', this.#name, isEnded ? '1' : '', count]
    const [, ...rows] = (await this.#jobs.run(LIST, this.#queue, words)) as readonly [number, ...ListReply[]]
    return rows.map(([id, status, state, started, changed, isAlive]) => ({
      ...{ id, status, state: JSON.parse(state) as SagaState, isAlive: isAlive === 1 },
      ...{ startedAtMs: Number(started), changedAtMs: Number(changed) },
    }))
  }

  #recordOf(id: string, [nowMs, isAlive, ...flat]: RecordReply): SagaRecord | null {
    if (flat.length === 0) return null
    const fields = new Map<string, string>()
    for (let n = 0; n < flat.length; n += 2) fields.set(flat[n] ?? '', flat[n + 1] ?? '')
    const text = (name: string) => fields.get(name) ?? ''
    if (text('name') !== this.#name) {
      throw new OpsError('invalid', 'saga', `"${id}" is a saga "${text('name')}", not "${this.#name}": give another id`)
    }
    const results = [...fields].filter(([name]) => name.startsWith(RESULT))
    return {
      ...{ id, nowMs, isAlive: isAlive === 1, revision: text('revision'), unit: text('unit'), write: text('write') },
      state: JSON.parse(text('state')) as SagaState,
      args: JSON.parse(text('args')) as Json,
      version: Number(text('version')),
      results: Object.fromEntries(results.map(([name, json]) => [name.slice(RESULT.length), JSON.parse(json) as Json])),
      startedAtMs: Number(text('startedAtMs')),
      changedAtMs: Number(text('changedAtMs')),
      endedAtMs: fields.has('endedAtMs') ? Number(text('endedAtMs')) : null,
    }
  }
}

export interface Next {
  readonly state: SagaState
  readonly unit: string
  readonly fields?: Readonly<Record<string, string>>
}

export const RESULT = 'result:'

type RecordReply = readonly [nowMs: number, isAlive: number, ...fields: string[]]
type ListReply = readonly [
  id: string,
  status: SagaStatus,
  state: string,
  started: string,
  changed: string,
  isAlive: number,
]
