import { useMemo, useRef, useState } from 'react'
import type { ActionMade } from '../../server/api/control.ts'
import type { Problem } from '../../server/api/problem.ts'
import type { WriteRequest } from '../../server/api/writes.ts'
import { REASON_LENGTH } from '../../server/domain/control.ts'
import { ACT_WORDS, type ActionAsk, closeAction } from '../data/action.ts'
import { recentReasons, rememberReason } from '../data/recent-reasons.ts'
import { useSession } from '../data/session.ts'
import { showToast } from '../data/toasts.ts'
import { useAsked } from '../data/use-asked.ts'
import { newIntent, write } from '../data/write.ts'
import { formatNumbered } from '../format.ts'
import styles from './action-dialog.module.css'
import { Modal } from './modal.tsx'
import { Refused } from './refused.tsx'

/** One act on jobs, a run or a saga: what the server says it would do, why, and for what cannot be taken back its name typed. */
export function ActionDialog({ ask }: { readonly ask: ActionAsk }) {
  return (
    <Modal className={styles.dialog} labelledBy="action-title" onClose={closeAction}>
      <Asking ask={ask} />
    </Modal>
  )
}

function targetOf({ act, queue, ids, step, fingerprintOfErrors, state }: ActionAsk): WriteRequest<'previewAction'> {
  return {
    ...{ act, queue },
    ...(ids ? { ids: [...ids] } : {}),
    ...(step === undefined ? {} : { step }),
    ...(fingerprintOfErrors === undefined ? {} : { fingerprintOfErrors }),
    ...(state === undefined ? {} : { state }),
  }
}

function Asking({ ask }: { readonly ask: ActionAsk }) {
  const { mayWrite, why } = useSession()
  const request = useMemo(() => targetOf(ask), [ask])
  const preview = useAsked('previewAction', request)
  const [reason, setReason] = useState('')
  const [typed, setTyped] = useState('')
  const [recent] = useState(recentReasons)
  const doing = useDoing(ask, request)
  const name = ask.queue.slice(ask.queue.lastIndexOf('/') + 1)
  const { body } = preview
  const missing = !mayWrite
    ? why
    : preview.problem || preview.failure
      ? 'the preview failed'
      : !body
        ? 'wait for the preview'
        : body.total === 0
          ? 'there is nothing to do'
          : reason.trim().length < REASON_LENGTH.min
            ? `give a reason (${REASON_LENGTH.min - reason.trim().length} more letters)`
            : body.isIrreversible && typed !== name
              ? `type ${name} to confirm`
              : null
  const act = () => {
    if (missing === null && body && !doing.isBusy)
      void doing.act({
        reason: reason.trim(),
        fingerprint: body.fingerprint,
        ...(body.isIrreversible ? { confirm: typed } : {}),
      })
  }
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: Ctrl+Enter acts from any field; the button does the same
    <div
      className={styles.asking}
      onKeyDown={(event) => {
        if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) act()
      }}
    >
      <h2 id="action-title">
        {ACT_WORDS[ask.act].act} {ask.what}
      </h2>
      <section aria-label="Preview" className={styles.preview}>
        {body ? (
          <>
            <p>{body.sentence}.</p>
            {body.ids.length > 1 && <p className="soft">Exactly these are taken: what fails later is not touched.</p>}
            {body.isIrreversible && <p data-tone="warning">▲ This cannot be undone.</p>}
          </>
        ) : preview.problem ? (
          <Refused problem={preview.problem} />
        ) : (
          <p className="soft">{preview.failure ?? 'Asking the server what this would do…'}</p>
        )}
      </section>
      <label className={styles.field}>
        Reason
        <input
          data-first
          value={reason}
          maxLength={REASON_LENGTH.max}
          autoComplete="off"
          onChange={({ target }) => setReason(target.value)}
        />
      </label>
      {recent.length > 0 && (
        <ul className={styles.chips} aria-label="Recent reasons">
          {recent.map((one) => (
            <li key={one}>
              <button type="button" onClick={() => setReason(one)}>
                {one}
              </button>
            </li>
          ))}
        </ul>
      )}
      {body?.isIrreversible && (
        <label className={styles.field}>
          <span>
            Type <b>{name}</b> to confirm
          </span>
          <input
            value={typed}
            autoComplete="off"
            spellCheck={false}
            onChange={({ target }) => setTyped(target.value)}
          />
        </label>
      )}
      <div role="alert">
        {doing.problem && <Refused problem={doing.problem} />}
        {doing.failure && <p data-tone="warning">▲ {doing.failure}. Send it again: it is done once.</p>}
        {doing.made && <Partly made={doing.made} />}
      </div>
      <footer className={styles.foot}>
        <p role="status" className="soft">
          {doing.isBusy ? 'Doing it…' : (missing ?? '')}
        </p>
        <button type="button" onClick={closeAction}>
          {doing.made ? 'Close' : 'Not now'}
        </button>
        <button
          type="button"
          className={styles.act}
          data-kind={ask.act === 'discard' ? 'grave' : 'primary'}
          aria-disabled={missing !== null || doing.isBusy || undefined}
          title="Ctrl + Enter"
          onClick={act}
        >
          {ACT_WORDS[ask.act].act} {body ? formatNumbered(body.total, ACT_WORDS[ask.act].noun) : ask.what}
        </button>
      </footer>
    </div>
  )
}

/** What was not done, and why: by far fewer lines than units. */
function Partly({ made: { done, results } }: { readonly made: ActionMade }) {
  const why = new Map<string, number>()
  for (const { result, why: words } of results) {
    if (result === 'done' || result === 'cancelling') continue
    const line = words ?? (result === 'gone' ? 'is no longer there' : 'its state does not allow it')
    why.set(line, (why.get(line) ?? 0) + 1)
  }
  return (
    <div data-tone="warning">
      ▲ {done} of {results.length} done.
      <ul className={styles.why}>
        {[...why].map(([line, count]) => (
          <li key={line}>
            {count} × {line}
          </li>
        ))}
      </ul>
    </div>
  )
}

interface Doing {
  readonly isBusy: boolean
  readonly problem: Problem | null
  readonly failure: string | null
  /** When not all of it was done. */
  readonly made: ActionMade | null
  readonly act: (said: { reason: string; fingerprint: string; confirm?: string }) => Promise<void>
}

function useDoing(ask: ActionAsk, target: WriteRequest<'previewAction'>): Doing {
  const [state, setState] = useState<Omit<Doing, 'act'>>({ isBusy: false, problem: null, failure: null, made: null })
  const intent = useRef<{ readonly of: string; readonly key: string } | null>(null)
  const act: Doing['act'] = async (said) => {
    const of = JSON.stringify(said)
    if (intent.current?.of !== of) intent.current = { of, key: newIntent() }
    setState({ isBusy: true, problem: null, failure: null, made: null })
    try {
      const { body, problem } = await write('act', { ...target, ...said }, { intent: intent.current.key })
      intent.current = null
      if (!body) return setState({ isBusy: false, problem, failure: null, made: null })
      rememberReason(said.reason)
      ask.onDone?.()
      const isCancelling = body.results.some(({ result }) => result === 'cancelling')
      if (body.results.every(({ result }) => result === 'done' || result === 'cancelling')) {
        showToast(
          isCancelling
            ? 'Cancelling: its worker stops after the current item'
            : `${ACT_WORDS[ask.act].done} ${ask.what}`,
        )
        return closeAction()
      }
      setState({ isBusy: false, problem: null, failure: null, made: body })
    } catch (error) {
      const failure = error instanceof Error ? error.message : 'No answer'
      setState({ isBusy: false, problem: null, failure, made: null })
    }
  }
  return { ...state, act }
}
