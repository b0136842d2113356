import type { ControlRow } from '../../server/api/control.ts'
import { CONTROL_TTL_MS } from '../../server/domain/control.ts'
import type { Api } from '../api.ts'
import { madeWords } from '../describe/preview.ts'
import { CliFailure, EXIT } from '../exit.ts'
import { doneWords, isLiving } from '../format/control-words.ts'
import { formatWhen } from '../format/figures.ts'
import { currentPreview, type Form, keyOf, orderOf, type Question, rampOf } from './form.ts'

/** Asks the server what a question of a form would do, when the fingers rest; only the last question's answer counts. */
export class Previewer {
  readonly #ask: (question: Question) => Promise<void>
  #key: string | null = null
  #timer: NodeJS.Timeout | null = null

  constructor(ask: (question: Question) => Promise<void>) {
    this.#ask = ask
  }

  /** The question that is open now; null = none, or it is answered. */
  set(question: Question | null): void {
    const key = question && keyOf(question)
    if (key === this.#key) return
    this.#key = key
    if (this.#timer) clearTimeout(this.#timer)
    this.#timer = question && setTimeout(() => void this.#ask(question), REST_MS)
  }

  close(): void {
    if (this.#timer) clearTimeout(this.#timer)
  }
}

const REST_MS = 150

export function askPreview(api: Api, question: Question) {
  return question.about === 'cancel'
    ? api.post('previewAction', { act: 'cancel', queue: question.target })
    : api.post('previewControl', { targets: [...question.targets], order: question.order, ttlMs: question.ttlMs })
}

/** What was done: a word for the person, and the controls that it made, for `u`. */
export interface Applied {
  readonly said: string
  readonly made: readonly ControlRow[]
}

/** Does what the form says, as it was previewed. `nowMs` is the server's clock. Throws CliFailure. */
export async function applyForm(api: Api, form: Form, nowMs: number): Promise<Applied> {
  const { kind, targets, target, ttlMs, controls } = form
  const reason = form.reason.trim()
  const [first] = controls
  if (kind === 'resume') {
    const { controls: changed } = await api.post('resume', { targets: [...targets], reason, ramp: rampOf(form) })
    const made = changed.filter(isLiving)
    const slowly = made[0] ? `, now ${made[0].sentence}` : ''
    return { said: `resumed ${target}: ${countOf(changed.length - made.length)} lifted${slowly}`, made }
  }
  if (kind === 'lift' && first) {
    await api.post('liftControl', { reason }, { id: first.id })
    return { said: `lifted ${first.id} on ${first.target}`, made: [] }
  }
  if (kind === 'extend' && first) {
    const whole = Math.min(CONTROL_TTL_MS.max, Math.round(Math.max(0, first.expiresAtMs - nowMs) + ttlMs))
    const { id, revision } = first
    const made = await api.post('extendControl', { ttlMs: whole, revision }, { id })
    const row = made.controls[0]
    if (!row) throw refused(made.failed[0]?.message)
    return { said: `${doneWords(row)} until ${formatWhen(row.expiresAtMs, nowMs)}`, made: [] }
  }
  if (kind === 'cancel') {
    const preview = currentPreview(form)
    if (!preview || !('sentence' in preview)) throw refused('the preview is missing')
    const { fingerprint, ids } = preview
    const { results } = await api.post('act', { act: 'cancel', queue: target, ids: [...ids], reason, fingerprint })
    const [result] = results
    if (result?.why) throw refused(result.why)
    return { said: `${target}: ${result?.result ?? 'cancelling'}`, made: [] }
  }
  return makeControl(api, form, { reason, nowMs })
}

async function makeControl(
  api: Api,
  form: Form,
  { reason, nowMs }: { reason: string; nowMs: number },
): Promise<Applied> {
  const { targets, target, ttlMs } = form
  const order = orderOf(form)
  const preview = currentPreview(form)
  if (!order || !preview || 'sentence' in preview) throw refused('the preview is missing')
  const request = { targets: [...targets], order, ttlMs, reason, fingerprint: preview.fingerprint }
  const made = await api.post('makeControls', request)
  const [row] = made.controls
  if (!row) throw refused(made.failed[0]?.message ?? made.skipped[0]?.why)
  if (made.controls.length > 1) {
    return {
      said: `${made.controls.length} of ${target} done, each a control of its own: 8 lists them`,
      made: made.controls,
    }
  }
  return { said: `${madeWords(row, nowMs).replace(/\. Undo:.*$/, '')}: u undoes it`, made: made.controls }
}

function countOf(count: number): string {
  return count === 1 ? '1 control' : `${count} controls`
}

function refused(why = 'the server made nothing of it'): CliFailure {
  return new CliFailure(EXIT.failed, why)
}
