import { type KeyboardEvent, useMemo, useRef, useState } from 'react'
import type { ControlsMade } from '../../server/api/control.ts'
import type { Problem } from '../../server/api/problem.ts'
import { offerUndo, refreshControls } from '../data/control-acts.ts'
import { actWords, countToType, type Draft, missingIn, orderOf, previewOf, RAMP_MS, ttlOf } from '../data/draft.ts'
import { closeDrawer } from '../data/drawer.ts'
import { clearMarks } from '../data/marks.ts'
import { rememberReason } from '../data/recent-reasons.ts'
import { useSession } from '../data/session.ts'
import { type Asked, useAsked } from '../data/use-asked.ts'
import { newIntent, write } from '../data/write.ts'
import styles from './control-drawer.module.css'
import { ControlsFollowed } from './controls-followed.tsx'
import { DraftForm } from './draft-form.tsx'
import { DrawerFoot } from './drawer-foot.tsx'
import { Modal } from './modal.tsx'
import { PreviewView } from './preview-view.tsx'
import { Refused } from './refused.tsx'

interface Applied {
  readonly draft: Draft
  readonly made: ControlsMade
}

/** The drawer in which all controls are made: what, to what, until when, why, what the server says of it, then do it. */
export function ControlDrawer({ asked }: { readonly asked: Draft }) {
  const [draft, setDraft] = useState(asked)
  const [applied, setApplied] = useState<Applied | null>(null)
  return (
    <Modal className={styles.drawer} labelledBy="drawer-title" onClose={closeDrawer}>
      {applied ? (
        <ControlsFollowed {...applied} onAgain={() => setApplied(null)} />
      ) : (
        <Drafting draft={draft} onDraft={setDraft} onApplied={setApplied} />
      )}
    </Modal>
  )
}

interface DraftingProps {
  readonly draft: Draft
  readonly onDraft: (draft: Draft) => void
  readonly onApplied: (applied: Applied) => void
}

function Drafting({ draft, onDraft, onApplied }: DraftingProps) {
  const { mayWrite, why } = useSession()
  const [typed, setTyped] = useState('')
  // The life of a control is counted from now, but it is no reason to ask the server each second.
  const request = useMemo(() => previewOf(draft, Date.now()), [draft])
  const preview = useAsked('previewControl', request)
  const count = preview.body ? preview.body.controllable : draft.targets.length
  const toType = preview.body ? countToType(draft, count, Date.now()) : null
  const missing = !mayWrite
    ? why
    : (missingIn(draft, Date.now()) ??
      (preview.problem || preview.failure ? 'the preview failed' : !preview.body ? 'wait for the preview' : null) ??
      (count === 0 ? 'nothing of this can be controlled' : null) ??
      (toType !== null && typed.trim() !== String(toType) ? `type ${toType} to confirm` : null))
  const applying = useApply(draft, preview, onApplied)
  const act = () => {
    if (missing === null && !applying.isBusy) void applying.apply()
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return
    event.preventDefault()
    act()
  }
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: Ctrl+Enter acts from any field; the button does the same
    <div className={styles.drafting} onKeyDown={onKeyDown}>
      <header className={styles.head}>
        <h2 id="drawer-title">{draft.verb === 'resume' ? 'Resume' : 'New control'}</h2>
        <button type="button" onClick={closeDrawer}>
          Close <kbd>Esc</kbd>
        </button>
      </header>
      <div className={styles.body}>
        <DraftForm draft={draft} onDraft={onDraft} />
        <section
          className={styles.preview}
          aria-label="Preview"
          aria-busy={(request !== null && !preview.body) || undefined}
        >
          <PreviewState {...{ preview, draft, isAsked: request !== null }} />
        </section>
        {toType !== null && (
          <label className={styles.confirm}>
            This is wide or long. Type <b>{toType}</b> to confirm{' '}
            <input
              inputMode="numeric"
              value={typed}
              onChange={({ target }) => setTyped(target.value)}
              autoComplete="off"
            />
          </label>
        )}
        <div role="alert">
          {applying.problem && <Refused problem={applying.problem} />}
          {applying.failure && (
            <p data-tone="warning">▲ {applying.failure}. It may have been done: send it again, it is done once.</p>
          )}
        </div>
      </div>
      <DrawerFoot
        draft={draft}
        words={actWords(draft, count, Date.now())}
        missing={missing}
        isBusy={applying.isBusy}
        onAct={act}
      />
    </div>
  )
}

interface PreviewStateProps {
  readonly preview: Asked<'previewControl'>
  readonly draft: Draft
  readonly isAsked: boolean
}

function PreviewState({ preview, draft, isAsked }: PreviewStateProps) {
  if (preview.body) return <PreviewView preview={preview.body} verb={draft.verb} atMs={preview.atMs} />
  if (preview.problem) return <Refused problem={preview.problem} />
  if (preview.failure) return <p data-tone="warning">▲ {preview.failure}</p>
  if (isAsked) return <p className="soft">Asking the server what this would do…</p>
  return (
    <p className="soft">
      {draft.targets.length === 0
        ? 'Choose a target to see what would happen.'
        : 'Enter the number to see what would happen.'}
    </p>
  )
}

interface Applying {
  readonly isBusy: boolean
  readonly problem: Problem | null
  readonly failure: string | null
  readonly apply: () => Promise<void>
}

function useApply(draft: Draft, preview: Asked<'previewControl'>, onApplied: (applied: Applied) => void): Applying {
  const [isBusy, setBusy] = useState(false)
  const [problem, setProblem] = useState<Problem | null>(null)
  const [failure, setFailure] = useState<string | null>(null)
  // Sent again after no answer, the same intent is done once.
  const intent = useRef<{ readonly of: string; readonly key: string } | null>(null)
  const apply = async () => {
    const order = orderOf(draft)
    const { body } = preview
    if (!order || !body) return
    const of = `${JSON.stringify(draft)} ${body.fingerprint}`
    if (intent.current?.of !== of) intent.current = { of, key: newIntent() }
    setBusy(true)
    setProblem(null)
    setFailure(null)
    try {
      const answer = await send(draft, body.fingerprint, intent.current.key)
      intent.current = null
      if (answer.body) {
        rememberReason(draft.reason)
        clearMarks()
        refreshControls()
        if (draft.verb !== 'resume') offerUndo(answer.body.controls)
        onApplied({ draft, made: answer.body })
        return
      }
      setProblem(answer.problem)
      preview.again()
    } catch (error) {
      setFailure(error instanceof Error ? error.message : 'No answer')
    } finally {
      setBusy(false)
    }
  }
  return { isBusy, problem, failure, apply }
}

function send(draft: Draft, fingerprint: string, intent: string) {
  const targets = [...draft.targets]
  const reason = draft.reason.trim()
  const order = orderOf(draft)
  if (draft.verb === 'resume') {
    const ramp =
      draft.isRamped && order?.verb === 'throttle' && order.fromPerSecond !== null
        ? { fromPerSecond: order.fromPerSecond, toPerSecond: order.perSecond, overMs: RAMP_MS }
        : null
    return write('resume', { targets, reason, ramp }, { intent })
  }
  if (order === null) throw new Error('The order is not complete')
  return write('makeControls', { targets, order, ttlMs: ttlOf(draft, Date.now()), reason, fingerprint }, { intent })
}
