import { createHash } from 'node:crypto'
import { errorPattern } from '../../domain/error-pattern.ts'
import { ACTION_IDS_MAX, type ErrorGroup } from '../../domain/job.ts'
import { redactText } from '../../domain/redact.ts'

export interface FailedUnit {
  readonly id: string
  readonly job: string
  readonly error: string
  readonly set: 'retry' | 'dead'
  /** When it died; of one that is tried again it is when that is due. */
  readonly atMs: number
}

/** Gathers failures that look alike. The caller bounds how many it adds. */
export class ErrorGroups {
  readonly #groups = new Map<string, Gathered>()

  add({ id, job, error, set, atMs }: FailedUnit): void {
    const message = redactText(error)
    const pattern = errorPattern(message)
    const key = `${job}\n${pattern}`
    const group = this.#groups.get(key) ?? begin(key, { job, pattern, sample: message })
    this.#groups.set(key, group)
    if (set === 'dead') {
      group.dead += 1
      // When a retry failed is not kept.
      group.firstAtMs = Math.min(group.firstAtMs ?? atMs, atMs)
      group.lastAtMs = Math.max(group.lastAtMs ?? atMs, atMs)
    } else group.retrying += 1
    if (group.ids.length < ACTION_IDS_MAX) group.ids.push(id)
  }

  /** The most frequent first. */
  all(): readonly ErrorGroup[] {
    return [...this.#groups.values()]
      .map((group) => ({ ...group, count: group.retrying + group.dead }))
      .sort((one, other) => other.count - one.count || (one.fingerprint < other.fingerprint ? -1 : 1))
  }
}

interface Gathered extends Pick<ErrorGroup, 'fingerprint' | 'job' | 'pattern' | 'sample'> {
  retrying: number
  dead: number
  firstAtMs: number | null
  lastAtMs: number | null
  readonly ids: string[]
}

function begin(key: string, { job, pattern, sample }: Pick<ErrorGroup, 'job' | 'pattern' | 'sample'>): Gathered {
  const fingerprint = createHash('sha256').update(key).digest('hex').slice(0, 16)
  return { fingerprint, job, pattern, sample, retrying: 0, dead: 0, firstAtMs: null, lastAtMs: null, ids: [] }
}
