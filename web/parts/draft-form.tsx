import { useQuery } from '@tanstack/react-query'
import { useId, useState } from 'react'
import { listPath } from '../../server/api/paths.ts'
import type { QueueList } from '../../server/api/queue.ts'
import { REASON_LENGTH } from '../../server/domain/control.ts'
import { pathQuery } from '../data/client.ts'
import { type Draft, ttlOf } from '../data/draft.ts'
import { marks } from '../data/marks.ts'
import { recentReasons } from '../data/recent-reasons.ts'
import { useStore } from '../data/store.ts'
import { useNow } from '../data/use-now.ts'
import { formatMinute } from '../format.ts'
import styles from './control-drawer.module.css'

interface DraftFormProps {
  readonly draft: Draft
  readonly onDraft: (draft: Draft) => void
}

const VERBS = [
  ['pause', 'Pause'],
  ['throttle', 'Throttle'],
  ['limit', 'Limit'],
  ['resume', 'Resume'],
] as const

/** The fields of a control: what, to what, how much, until when, why. */
export function DraftForm({ draft, onDraft }: DraftFormProps) {
  const set = (more: Partial<Draft>) => onDraft({ ...draft, ...more })
  return (
    <>
      <fieldset className={styles.verbs}>
        <legend className="sr">What to do</legend>
        {VERBS.map(([verb, label]) => (
          <label key={verb}>
            <input type="radio" name="verb" value={verb} checked={draft.verb === verb} onChange={() => set({ verb })} />
            <span>{label}</span>
          </label>
        ))}
      </fieldset>
      <Targets targets={draft.targets} onTargets={(targets) => set({ targets })} />
      <OrderFields draft={draft} set={set} />
      {draft.verb !== 'resume' && <Life draft={draft} set={set} />}
      <Reason draft={draft} set={set} />
    </>
  )
}

interface TargetsProps {
  readonly targets: readonly string[]
  readonly onTargets: (targets: readonly string[]) => void
}

function Targets({ targets, onTargets }: TargetsProps) {
  const id = useId()
  const [text, setText] = useState('')
  const marked = [...useStore(marks)].filter((ref) => !targets.includes(ref))
  const add = () => {
    const words = text.split(/[\s,]+/).filter((word) => word !== '' && !targets.includes(word))
    if (words.length > 0) onTargets([...targets, ...words])
    setText('')
  }
  return (
    <div className={styles.field}>
      <label htmlFor={id}>Targets</label>
      {targets.length > 0 && (
        <ul className={styles.chips}>
          {targets.map((target) => (
            <li key={target}>
              <button
                type="button"
                className="mono"
                aria-label={`Remove ${target}`}
                onClick={() => onTargets(targets.filter((one) => one !== target))}
              >
                {target} <span aria-hidden="true">×</span>
              </button>
            </li>
          ))}
        </ul>
      )}
      <div className={styles.line}>
        <input
          id={id}
          list={`${id}-known`}
          data-first
          className="mono"
          value={text}
          placeholder={targets.length === 0 ? 'redis-main/emails, or redis-main/*-mail' : 'add another, or a glob'}
          autoComplete="off"
          autoCapitalize="off"
          spellCheck={false}
          maxLength={1_024}
          onChange={({ target }) => setText(target.value)}
          onBlur={add}
          onKeyDown={(event) => {
            if (event.key === 'Enter' && !event.ctrlKey && !event.metaKey) {
              event.preventDefault()
              add()
            }
            if (event.key === 'Backspace' && text === '') onTargets(targets.slice(0, -1))
          }}
        />
        <datalist id={`${id}-known`}>
          {useKnown(text).map((ref) => (
            <option key={ref} value={ref} />
          ))}
        </datalist>
        {marked.length > 0 && (
          <button type="button" onClick={() => onTargets([...targets, ...marked])}>
            Add {marked.length} marked
          </button>
        )}
      </div>
      <p className={styles.hint}>
        A queue, <code>job-class/source/name</code>, <code>tag/source/name</code>, <code>run/source/id</code>
      </p>
    </div>
  )
}

const KNOWN_MAX = 8

/** Queues whose name holds what is typed: nobody knows all names at 3 a.m. */
function useKnown(text: string): readonly string[] {
  const filter = text.trim()
  const { data } = useQuery({
    ...pathQuery<QueueList>(listPath('queues', { filter, limit: KNOWN_MAX })),
    enabled: filter.length > 1 && !/[\s,*]/.test(filter),
  })
  return data?.body?.items.map(({ ref }) => ref) ?? []
}

interface FieldsProps {
  readonly draft: Draft
  readonly set: (more: Partial<Draft>) => void
}

function OrderFields({ draft, set }: FieldsProps) {
  if (draft.verb === 'pause') return null
  if (draft.verb === 'limit')
    return (
      <label className={styles.line}>
        at most{' '}
        <input
          className={styles.number}
          inputMode="numeric"
          aria-label="Units in hand at once, per target"
          value={draft.concurrency}
          onChange={({ target }) => set({ concurrency: target.value })}
        />{' '}
        at once, each
      </label>
    )
  const rate = (key: 'perSecond' | 'rampFrom', label: string) => (
    <input
      className={styles.number}
      inputMode="decimal"
      aria-label={label}
      value={draft[key]}
      onChange={({ target }) => set({ [key]: target.value })}
    />
  )
  if (draft.verb === 'throttle')
    return <p className={styles.line}>at most {rate('perSecond', 'Starts per second, per target')} per second, each</p>
  return (
    <div className={styles.field}>
      <label className={styles.line}>
        <input type="checkbox" checked={draft.isRamped} onChange={({ target }) => set({ isRamped: target.checked })} />
        slowly: a ramp instead of everything at once
      </label>
      {draft.isRamped && (
        <p className={styles.line}>
          from {rate('rampFrom', 'First starts per second')} to {rate('perSecond', 'Last starts per second')} per second
          over 5 m
        </p>
      )}
    </div>
  )
}

const LIVES = [
  [5 * 60_000, '5 m'],
  [15 * 60_000, '15 m'],
  [30 * 60_000, '30 m'],
  [3_600_000, '1 h'],
] as const

function Life({ draft, set }: FieldsProps) {
  const nowMs = useNow()
  return (
    <fieldset className={styles.life}>
      <legend>For</legend>
      {LIVES.map(([ttlMs, label]) => (
        <label key={ttlMs}>
          <input
            type="radio"
            name="ttl"
            checked={draft.until === '' && draft.ttlMs === ttlMs}
            onChange={() => set({ ttlMs, until: '' })}
          />
          <span>{label}</span>
        </label>
      ))}
      <span className={styles.until}>
        until{' '}
        <input
          className={styles.clock}
          inputMode="numeric"
          maxLength={5}
          autoComplete="off"
          aria-label="Until, local time as 14:32"
          placeholder={formatMinute(nowMs + draft.ttlMs)}
          value={draft.until}
          onChange={({ target }) => set({ until: target.value })}
        />
      </span>
      <p className={styles.hint}>
        It ends by itself at {formatMinute(nowMs + ttlOf(draft, nowMs))}, even if Sluice is gone by then.
      </p>
    </fieldset>
  )
}

function Reason({ draft, set }: FieldsProps) {
  const id = useId()
  const [recent] = useState(recentReasons)
  return (
    <div className={styles.field}>
      <label htmlFor={id}>Reason</label>
      <input
        id={id}
        value={draft.reason}
        placeholder="SMTP answers 429, INC-482"
        maxLength={REASON_LENGTH.max}
        autoComplete="off"
        onChange={({ target }) => set({ reason: target.value })}
      />
      {recent.length > 0 && (
        <ul className={styles.chips} aria-label="Recent reasons">
          {recent.map((reason) => (
            <li key={reason}>
              <button type="button" onClick={() => set({ reason })}>
                {reason}
              </button>
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}
