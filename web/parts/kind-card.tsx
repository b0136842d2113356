import { Link } from '@tanstack/react-router'
import type { SourceAge } from '../../server/api/freshness.ts'
import type { KindTotals } from '../../server/api/overview.ts'
import { sourceStateAt } from '../data/source-state.ts'
import { useNow } from '../data/use-now.ts'
import { formatInstant } from '../format.ts'
import { Age, SourceFreshness, SourceTrouble } from './age.tsx'
import { Figure } from './figure.tsx'
import { Glyph } from './glyph.tsx'
import styles from './kind-card.module.css'
import { RefLink } from './ref-link.tsx'
import { Sparkline } from './sparkline.tsx'
import { signOfSource, worstState } from './tone.ts'

const NAMES = { redis: 'Redis', rabbitmq: 'RabbitMQ', kafka: 'Kafka' } as const
const AMOUNTS = { redis: 'jobs waiting', rabbitmq: 'messages ready', kafka: 'records behind' } as const

interface KindCardProps {
  readonly kind: KindTotals['kind']
  readonly totals: KindTotals | undefined
  readonly sources: readonly SourceAge[]
}

/** One kind of broker: what waits, how fast, what is worst. A kind of which nothing is known is hatched, with the cause. */
export function KindCard({ kind, totals, sources }: KindCardProps) {
  const nowMs = useNow()
  if (!totals)
    return (
      <section className={styles.card} aria-label={NAMES[kind]} data-absent>
        <header>
          <b>{NAMES[kind]}</b>
        </header>
        <p className={styles.absent}>No {NAMES[kind]} source is configured.</p>
      </section>
    )
  const ages = sources.filter(({ source }) => totals.sources.includes(source))
  const states = ages.map((age) => sourceStateAt(age, nowMs))
  const state = worstState(states)
  const known = ages.filter((_, index) => states[index] !== 'stale' && states[index] !== 'waiting')
  const isUnknown = known.length === 0
  const unknown = ages.filter((age) => !known.includes(age))
  return (
    <section className={`${styles.card} ${isUnknown ? 'hatched' : ''}`} aria-label={NAMES[kind]}>
      <header>
        <Glyph sign={signOfSource(state)} label={signOfSource(state).word} />
        <b>{NAMES[kind]}</b>
        <span className={styles.source}>
          <SourceNames ages={ages} isStale={state === 'stale'} />
        </span>
      </header>
      <span className={styles.figure} data-unknown={isUnknown || undefined}>
        {isUnknown ? 'unknown' : <Figure value={totals.amount} as="count" />}{' '}
        {!isUnknown && (
          <small>
            {AMOUNTS[kind]}
            {unknown.length > 0 && ` + ${unknown.map(({ source }) => source).join(', ')} unknown`}
          </small>
        )}
      </span>
      <span className={styles.trend}>
        {!isUnknown && (
          <Sparkline
            points={totals.trend}
            tone="in"
            what={`${NAMES[kind]} ${AMOUNTS[kind]}`}
            width={112}
            height={30}
            filled
          />
        )}
      </span>
      <p>{isUnknown && unknown[0] ? <Cause age={unknown[0]} /> : <Facts kind={kind} totals={totals} />}</p>
    </section>
  )
}

function SourceNames({ ages, isStale }: { readonly ages: readonly SourceAge[]; readonly isStale: boolean }) {
  const nowMs = useNow()
  const [one] = ages
  if (ages.length !== 1 || !one) return <Link to="/sources">{ages.length} sources</Link>
  return (
    <>
      <Link to="/sources/$source" params={{ source: one.source }}>
        {one.source}
      </Link>
      {one.observedAtMs !== null && (
        <>
          {isStale ? ` · last seen ${formatInstant(one.observedAtMs, nowMs)}` : ' · '}
          {!isStale && <Age atMs={one.observedAtMs} />}
        </>
      )}
    </>
  )
}

function Cause({ age }: { readonly age: SourceAge }) {
  return (
    <>
      {age.error ? <SourceTrouble age={age} /> : <SourceFreshness age={age} />}
      {' · left out of totals'}
    </>
  )
}

function Facts({ kind, totals }: { readonly kind: KindTotals['kind']; readonly totals: KindTotals }) {
  const { worst } = totals
  return (
    <>
      {worst?.waitMs != null && worst.waitMs > 0 && (
        <>
          {kind === 'kafka' ? 'worst' : 'oldest'}{' '}
          <RefLink to={worst.ref}>
            <b>
              <Figure value={worst.waitMs} as="duration" estimated={worst.waitEstimated} />
            </b>
          </RefLink>
          {' · '}
        </>
      )}
      in{' '}
      <b>
        <Figure value={totals.inPerSecond} as="rate" />
      </b>{' '}
      out{' '}
      <b>
        <Figure value={totals.outPerSecond} as="rate" />
      </b>{' '}
      per s
      <Also value={totals.retrying} word="retrying" />
      <Also value={totals.dead} word="dead" />
      <Also value={totals.paused} word="paused" />
      <Also value={totals.rebalancing} word="rebalancing" />
    </>
  )
}

/** ` · retrying 12`, only when there is any. */
function Also({ value, word }: { readonly value: number | null; readonly word: string }) {
  if (value === null || value === 0) return null
  return (
    <>
      {' · '}
      {word}{' '}
      <b>
        <Figure value={value} as="count" />
      </b>
    </>
  )
}
