import type { SagaBody } from '../../server/api/saga.ts'
import type { CellContext } from '../columns/column.ts'
import { SAGA_COLUMNS, STEP_COLUMNS, sagaStatusCell } from '../columns/saga-columns.ts'
import { formatAge } from '../format/figures.ts'
import { inert } from '../format/inert.ts'
import { type Description, factsOf, note, subTable } from './description.ts'

/** One saga: how it stands, its steps, and what can be done with it. */
export function describeSaga({ saga, steps, offers }: SagaBody, context: CellContext): Description {
  const { nowMs, glyphs } = context
  const age = (atMs: number) => `${formatAge(Math.max(0, nowMs - atMs))} ago`
  const about = `saga ${saga.name} in ${saga.source}/${saga.queue}`
  return {
    ref: saga.ref,
    head: [
      [
        sagaStatusCell(saga),
        { text: `  ${inert(saga.ref)}`, tone: 'strong' },
        { text: `   ${inert(about)}`, tone: 'dim' },
      ],
      ...(saga.error === null
        ? []
        : [[{ text: `  step ${inert(saga.step ?? '')}: ${inert(saga.error)}`, tone: 'critical' } as const]]),
      ...(saga.isStalled
        ? [[{ text: '  something is to be done, and no job is there to do it', tone: 'critical' } as const]]
        : []),
    ],
    blocks: [],
    charts: [],
    notes: [
      note('stands at', saga.step ?? `${glyphs.none} it is over`),
      note('started', age(saga.startedAtMs)),
      note('changed', age(saga.changedAtMs)),
      ...(saga.reason === null ? [] : [note('because', saga.reason)]),
      note('run', saga.run ?? `${glyphs.none} none goes on with it`),
      note('arguments', saga.args),
      note('can be', offerWords(offers)),
    ],
    tables: [subTable(`Steps (${steps.length})`, STEP_COLUMNS, steps)],
    facts: factsOf(SAGA_COLUMNS, saga, context),
  }
}

const WORDS = { 'retry-step': 'retried', 'skip-step': 'skipped', compensate: 'turned back', abandon: 'abandoned' }

function offerWords(offers: SagaBody['offers']): string {
  if (offers.length === 0) return 'nothing: it is over'
  return offers.map(({ act, step }) => (step === null ? WORDS[act] : `${WORDS[act]} at ${step}`)).join(', ')
}
