import { OpsError } from '../../domain/errors.ts'
import type { SagaStatus } from '../../domain/saga.ts'
import type { Jobs } from '../jobs/create-jobs.ts'
import type { Json } from '../jobs/cursor.ts'
import { script } from '../jobs/script.ts'
import { BEGIN_SAGA, LIST_SAGAS, READ_SAGA, WRITE_SAGA } from '../layout/lua/saga.ts'
import {
  encodePlan,
  parsePlan,
  parseSaga,
  type SagaRecord,
  type SagaReply,
  type SagaWrite,
  stateTexts,
  type Writer,
  writeWords,
} from '../layout/saga-record.ts'
import type { Plan, SagaState } from '../layout/saga-state.ts'

export interface ListedSaga
  extends Pick<SagaRecord, 'id' | 'state' | 'plan' | 'startedAtMs' | 'changedAtMs' | 'isAlive'> {
  readonly status: SagaStatus
}

/** A saga that begins. */
export interface FreshSaga {
  readonly state: SagaState
  readonly plan: Plan
  readonly args: Json
  readonly version: number
}

const READ = script('saga-read', READ_SAGA)
const BEGIN = script('saga-begin', BEGIN_SAGA)
const WRITE = script('saga-write', WRITE_SAGA)
const LIST = script('saga-list', LIST_SAGAS)

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
    return this.#recordOf(id, (await this.#jobs.run(READ, this.#queue, [id, this.#name])) as SagaReply)
  }

  /** Makes it with these fields where it is not there yet. Null = the unit is not held with this epoch any more. */
  async begin(id: string, { unit, epoch }: NonNullable<Writer>, { state, plan, args, version }: FreshSaga) {
    const steps = state.steps.map(({ name }) => name)
    const kept = ['plan', encodePlan(steps, plan), 'args', JSON.stringify(args), 'version', version]
    const texts = [...stateTexts(state, plan), ...kept, 'endedCap', this.#endedCap]
    const words = [id, this.#name, unit, epoch, state.status, texts.length, ...texts]
    return this.#recordOf(id, (await this.#jobs.run(BEGIN, this.#queue, words)) as SagaReply)
  }

  /** Writes the next state if the saga is still as it was read. */
  async write(record: SagaRecord, writer: Writer, next: SagaWrite): Promise<'saved' | 'changed' | 'lost'> {
    const reply = await this.#jobs.run(WRITE, this.#queue, writeWords(record, writer, next))
    return (reply as readonly [number, 'saved' | 'changed' | 'lost'])[1]
  }

  /** The latest first. */
  async list(isEnded: boolean, count: number): Promise<readonly ListedSaga[]> {
    const words = ['', this.#name, isEnded ? '1' : '', count]
    const [, ...rows] = (await this.#jobs.run(LIST, this.#queue, words)) as readonly [number, ...ListReply[]]
    return rows.map(([id, status, state, plan, started, changed, isAlive]) => ({
      ...{ id, status, state: JSON.parse(state) as SagaState, plan: parsePlan(plan), isAlive: isAlive === 1 },
      ...{ startedAtMs: Number(started), changedAtMs: Number(changed) },
    }))
  }

  #recordOf(id: string, reply: SagaReply): SagaRecord | null {
    const record = parseSaga(id, reply)
    if (record !== null && record.name !== this.#name) {
      throw new OpsError('invalid', 'saga', `"${id}" is a saga "${record.name}", not "${this.#name}": give another id`)
    }
    return record
  }
}

type ListReply = readonly [
  id: string,
  status: SagaStatus,
  state: string,
  plan: string,
  started: string,
  changed: string,
  isAlive: number,
]
