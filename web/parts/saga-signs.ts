import type { SagaRow } from '../../server/api/saga.ts'
import type { StepStatus } from '../../server/domain/saga.ts'
import type { Sign } from './tone.ts'

const SAGAS: Readonly<Record<SagaRow['status'], Sign>> = {
  running: { glyph: 'fine', word: 'running', tone: 'fine' },
  compensating: { glyph: 'warning', word: 'turning back', tone: 'warning' },
  stuck: { glyph: 'critical', word: 'stuck', tone: 'critical' },
  succeeded: { glyph: 'fine', word: 'succeeded', tone: 'fine' },
  compensated: { glyph: 'notice', word: 'turned back', tone: 'notice' },
  abandoned: { glyph: 'notice', word: 'abandoned', tone: 'soft' },
}

const STEPS: Readonly<Record<StepStatus, Sign>> = {
  pending: { glyph: 'unknown', word: 'not begun', tone: 'soft' },
  running: { glyph: 'fine', word: 'running', tone: 'fine' },
  retrying: { glyph: 'warning', word: 'retrying', tone: 'warning' },
  succeeded: { glyph: 'fine', word: 'done', tone: 'fine' },
  failed: { glyph: 'critical', word: 'failed', tone: 'critical' },
  skipped: { glyph: 'notice', word: 'skipped', tone: 'soft' },
  compensating: { glyph: 'warning', word: 'being undone', tone: 'warning' },
  'compensation-retrying': { glyph: 'warning', word: 'undo retrying', tone: 'warning' },
  compensated: { glyph: 'notice', word: 'undone', tone: 'notice' },
  'compensation-failed': { glyph: 'critical', word: 'undo failed', tone: 'critical' },
  waived: { glyph: 'notice', word: 'left as it is', tone: 'soft' },
}

/** A saga in one word; one that nobody goes on with needs somebody, whatever its status says. */
export function signOfSaga({ status, isStalled }: Pick<SagaRow, 'status' | 'isStalled'>): Sign {
  return isStalled ? { glyph: 'critical', word: 'stalled', tone: 'critical' } : SAGAS[status]
}

/** A step in one word; of a newer server it may be one that is not known here. */
export function signOfStep(status: string): Sign {
  return Object.hasOwn(STEPS, status) ? STEPS[status as StepStatus] : { glyph: 'unknown', word: status, tone: 'soft' }
}
