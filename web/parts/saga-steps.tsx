import { sagaPath } from '../../server/api/paths.ts'
import type { SagaBody } from '../../server/api/saga.ts'
import { parseReference } from '../../server/domain/reference.ts'
import type { SagaAct } from '../../server/domain/saga.ts'
import { ACT_WORDS, askAction } from '../data/action.ts'
import { useNow } from '../data/use-now.ts'
import { useRead } from '../data/use-read.ts'
import { formatAge, formatInstant } from '../format.ts'
import { ActButton } from './act-button.tsx'
import { Age } from './age.tsx'
import { Figure } from './figure.tsx'
import { Glyph } from './glyph.tsx'
import { Empty, Panel, Skeleton } from './panel.tsx'
import { signOfSaga, signOfStep } from './saga-signs.ts'
import styles from './saga-steps.module.css'
import { StateCell } from './state-cell.tsx'
import { Table, type TableColumn } from './table.tsx'

type Step = SagaBody['steps'][number]

/** Read anew this often while it is looked at: it is read from the source, so not at each beat. */
const REFRESH_MS = 5_000

/** A saga step by step, and what can be done with it now. */
export function SagaSteps({ reference }: { readonly reference: string }) {
  const { source = '', tail = '' } = parseReference(reference) ?? {}
  const { body, why, again } = useRead<SagaBody>(sagaPath(source, tail), { everyMs: REFRESH_MS })
  return (
    <Panel
      title="Steps"
      note={
        body && (
          <>
            saga {body.saga.name}, read <Age atMs={body.asOfMs} /> ago
          </>
        )
      }
    >
      {body ? (
        <>
          <Standing body={body} onDone={again} />
          <Table
            label="Steps"
            columns={columnsFor(body, again)}
            rows={body.steps}
            keyOf={({ name }) => name}
            shadeOf={({ status }) => (signOfStep(status).tone === 'critical' ? 'critical' : null)}
          />
        </>
      ) : why === null ? (
        <Skeleton rows={4} what="the steps" />
      ) : (
        <Empty>{why}</Empty>
      )}
    </Panel>
  )
}

function Standing({ body, onDone }: { readonly body: SagaBody; readonly onDone: () => void }) {
  const { saga, offers } = body
  const sign = signOfSaga(saga)
  return (
    <div className={styles.tools}>
      <span className={styles.state}>
        <Glyph sign={sign} />
        <span data-tone={sign.tone === 'fine' ? 'soft' : sign.tone}>{sign.word}</span>
      </span>
      <span className="soft">{standingWords(saga)}</span>
      <span className={styles.acts}>
        {offers
          .filter(({ step }) => step === null)
          .map(({ act }) => (
            <SagaButton key={act} {...{ saga, act, onDone }} />
          ))}
      </span>
    </div>
  )
}

/** Where it stands and why, in words. */
function standingWords({ status, isStalled, step, reason }: SagaBody['saga']): string {
  const at = step === null ? '' : ` at ${step}`
  if (isStalled) return `something is to be done${at}, and no job is there to do it: retry makes one`
  if (status === 'stuck') return `a person has to say how to go on${at}`
  if (status === 'running') return step === null ? 'all steps are done' : `${step} comes next`
  if (status === 'succeeded') return 'every step was done or skipped; it can still be turned back'
  return `${step === null ? '' : `${step} comes next; `}${reason === null ? '' : `because: ${reason}`}`
}

interface SagaButtonProps {
  readonly saga: SagaBody['saga']
  readonly act: SagaAct
  readonly step?: string
  readonly onDone: () => void
}

function SagaButton({ saga, act, step, onDone }: SagaButtonProps) {
  const what = step === undefined ? `saga ${saga.id}` : `step ${step} of saga ${saga.id}`
  return (
    <ActButton
      label={`${ACT_WORDS[act].act} ${what}…`}
      onAct={() => askAction({ act, queue: saga.ref, what, onDone, ...(step === undefined ? {} : { step }) })}
    >
      {ACT_WORDS[act].act}…
    </ActButton>
  )
}

function columnsFor({ saga, offers }: SagaBody, onDone: () => void): readonly TableColumn<Step>[] {
  const hasActs = offers.some(({ step }) => step !== null)
  return [
    {
      ...{ key: 'step', label: 'Step', start: true },
      cell: (step) => (
        <>
          <b>{step.name}</b>
          {step.name === saga.step && <span className={styles.here}>stands here</span>}
          <Why step={step} />
        </>
      ),
    },
    {
      ...{ key: 'status', label: 'Status', start: true },
      cell: ({ status }) => <StateCell sign={signOfStep(status)} />,
    },
    { key: 'tries', label: 'Tries', cell: ({ attempts }) => <Figure value={attempts} as="count" /> },
    {
      ...{ key: 'undo', label: 'Undo tries', wide: true },
      cell: ({ isCompensable, compensations }) =>
        isCompensable ? (
          <Figure value={compensations} as="count" />
        ) : (
          <span className="soft" title="It has no compensation">
            none needed
          </span>
        ),
    },
    {
      ...{ key: 'result', label: 'Result', start: true, wide: true },
      cell: ({ result }) => <Result json={result} />,
    },
    ...(hasActs
      ? [
          {
            ...{ key: 'acts', label: 'Acts' },
            cell: ({ name }: Step) => (
              <span className={styles.acts}>
                {offers
                  .filter(({ step }) => step === name)
                  .map(({ act }) => (
                    <SagaButton key={act} {...{ saga, act, onDone }} step={name} />
                  ))}
              </span>
            ),
          },
        ]
      : []),
  ]
}

function Why({ step: { error, reason, notBeforeMs } }: { readonly step: Step }) {
  return (
    <>
      {error !== null && (
        <span className={styles.why} data-tone="critical">
          {error}
        </span>
      )}
      {reason !== null && <span className={`${styles.why} soft`}>“{reason}”</span>}
      {notBeforeMs !== null && <NextTry atMs={notBeforeMs} />}
    </>
  )
}

function NextTry({ atMs }: { readonly atMs: number }) {
  const nowMs = useNow()
  return (
    <time className={`${styles.why} soft`} dateTime={new Date(atMs).toISOString()} title={formatInstant(atMs, nowMs)}>
      {atMs > nowMs ? `tried again in ${formatAge(atMs - nowMs)}` : 'tried again now'}
    </time>
  )
}

const RESULT_SHOWN = 32

function Result({ json }: { readonly json: string | null }) {
  if (json === null || json === 'null') return <span data-tone="faint">·</span>
  if (json.length <= RESULT_SHOWN) return <code>{json}</code>
  return (
    <details className={styles.result}>
      <summary>
        <code>{`${json.slice(0, RESULT_SHOWN - 1)}…`}</code>
      </summary>
      <pre className="mono">{json}</pre>
    </details>
  )
}
