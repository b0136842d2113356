import { Link, useNavigate } from '@tanstack/react-router'
import { useMemo } from 'react'
import type { Fire, HotRow, OverviewBody } from '../../server/api/overview.ts'
import { parseReference } from '../../server/domain/reference.ts'
import { openDrawer } from '../data/drawer.ts'
import { useOverview } from '../data/use-live.ts'
import { useNow } from '../data/use-now.ts'
import { useStale } from '../data/use-stale.ts'
import { formatAge, formatMinute, formatNumbered, formatWhole } from '../format.ts'
import { ActButton } from '../parts/act-button.tsx'
import { Age } from '../parts/age.tsx'
import { Figure } from '../parts/figure.tsx'
import { Glyph } from '../parts/glyph.tsx'
import { Grid } from '../parts/grid.tsx'
import { KindCard } from '../parts/kind-card.tsx'
import { Panel, Skeleton } from '../parts/panel.tsx'
import { ProblemView } from '../parts/problem-view.tsx'
import { RefLink } from '../parts/ref-link.tsx'
import { Sparkline } from '../parts/sparkline.tsx'
import { signOf } from '../parts/tone.ts'
import { useHeldRows } from '../parts/use-held-rows.ts'
import { useTitle } from '../parts/use-title.ts'
import { HOT_COLUMNS, HotCard } from './hot-columns.tsx'
import styles from './overview.module.css'
import { shadeOfSeverity } from './queues.tsx'

export function OverviewPage() {
  useTitle('Overview')
  const { body, problem, failure } = useOverview()
  if (!body && (problem || failure))
    return <ProblemView problem={problem} failure={failure} back={{ to: '/queues', label: 'To the queues' }} />
  if (!body)
    return (
      <Panel title="Overview">
        <Skeleton rows={8} what="the overview" />
      </Panel>
    )
  if (body.sources.length === 0)
    return (
      <>
        <VerdictLine body={body} />
        <FirstSteps />
      </>
    )
  return (
    <>
      <VerdictLine body={body} />
      {body.fires.length > 0 && <Fires body={body} />}
      <div className={styles.three}>
        {(['redis', 'rabbitmq', 'kafka'] as const).map((kind) => (
          <KindCard
            key={kind}
            kind={kind}
            totals={body.kinds.find((one) => one.kind === kind)}
            sources={body.sources}
          />
        ))}
      </div>
      <Hot body={body} />
    </>
  )
}

function VerdictLine({ body: { verdict, sources, fires } }: { readonly body: OverviewBody }) {
  const [head, ...rest] = verdict.sentence.split(' · ')
  const words = rest.join(' · ')
  // The worst thing is named in the sentence: it leads to its page.
  const worst = fires[0] && words.includes(fires[0].ref) ? fires[0].ref : null
  const [before = '', ...after] = worst === null ? [words] : words.split(worst)
  const seen = sources.flatMap(({ observedAtMs, state }) =>
    observedAtMs !== null && state !== 'stale' ? [observedAtMs] : [],
  )
  return (
    <div className={styles.verdict}>
      <Glyph sign={signOf(verdict.severity)} label={verdict.severity} />
      <h1>{head}</h1>
      <p>
        {before}
        {worst !== null && <RefLink to={worst} />}
        {after.join(worst ?? '')}
      </p>
      {seen.length > 0 && (
        <span className={styles.asOf}>
          as of <Age atMs={Math.min(...seen)} />
        </span>
      )}
    </div>
  )
}

function Fires({ body: { fires, firesTotal } }: { readonly body: OverviewBody }) {
  const more = firesTotal > fires.length && (
    <Link to="/queues" search={{ faults: true }}>
      {fires.length} of {formatWhole(firesTotal)} · all faults
    </Link>
  )
  return (
    <Panel title="Fires" aside={more || undefined}>
      <ul className={styles.fires}>
        {fires.map((fire) => (
          <FireLine key={`${fire.kind} ${fire.control ?? fire.ref}`} fire={fire} />
        ))}
      </ul>
    </Panel>
  )
}

function FireLine({ fire }: { readonly fire: Fire }) {
  const sign = signOf(fire.severity)
  const isTold = fire.severity === 'unknown' ? 'hatched' : ''
  return (
    <li className={`${styles.fire} ${isTold}`} data-severity={fire.severity}>
      <Glyph sign={sign} label={sign.word} />
      <span className={styles.name}>
        <RefLink to={fire.ref} />
      </span>
      <span className={styles.wait}>
        <FireWait fire={fire} />
      </span>
      <span className={styles.trend}>
        {fire.trend && <Sparkline points={fire.trend} tone={sign.tone} what={`${fire.ref} backlog`} />}
      </span>
      <span className={styles.why}>
        {fire.sinceMs !== null && fire.kind !== 'source' && `since ${formatMinute(fire.sinceMs)} · `}
        {fire.reasons.join(' · ')}
      </span>
      <span className={styles.acts}>
        <FireAct fire={fire} />
      </span>
    </li>
  )
}

/** The one next step: stop the bleeding, or look at what does not hold. */
function FireAct({ fire: { kind, ref, control } }: { readonly fire: Fire }) {
  if (kind === 'queue')
    return (
      <ActButton label={`Pause ${ref}…`} onAct={() => openDrawer({ verb: 'pause', targets: [ref] })}>
        Pause…
      </ActButton>
    )
  if (kind === 'control')
    return (
      <Link to="/controls" hash={control ?? ''} className={styles.look}>
        Who disobeys
      </Link>
    )
  return null
}

const WAIT_WORD: Partial<Record<Fire['kind'], string>> = { queue: 'oldest', run: 'without an item' }

function FireWait({ fire }: { readonly fire: Fire }) {
  const nowMs = useNow()
  if (fire.kind === 'source') {
    return (
      <span className="soft">
        {fire.sinceMs === null ? 'never seen' : `unknown for ${formatAge(nowMs - fire.sinceMs)}`}
      </span>
    )
  }
  if (fire.kind === 'control') return <span className="soft">control</span>
  if (fire.waitMs === null) return <span className="soft">{fire.severity}</span>
  if (fire.waitMs === 0) return <span className="soft">nothing waits</span>
  return (
    <>
      <b>
        <Figure value={fire.waitMs} as="duration" estimated={fire.waitEstimated} />
      </b>{' '}
      <span className="soft">{WAIT_WORD[fire.kind] ?? 'lag'}</span>
    </>
  )
}

const refOf = ({ ref }: HotRow) => ref

function Hot({ body: { hot, hotTotal, sources } }: { readonly body: OverviewBody }) {
  const stale = useStale(sources)
  const navigate = useNavigate()
  const fresh = useMemo(() => new Map(hot.map((row, place): [number, HotRow] => [place, row])), [hot])
  const { rows, changes, gone, isHeld, resort, holders } = useHeldRows(fresh, { key: 'hot', refOf })
  const chip = isHeld && changes > 0 && (
    <button type="button" className={styles.chip} onClick={resort}>
      {changes} order {changes === 1 ? 'change' : 'changes'} · s
    </button>
  )
  return (
    <Panel
      title="Hot queues and groups"
      note={`${hot.length} of ${formatNumbered(hotTotal, 'queue or group', 'queues and groups')} · by pain`}
      aside={chip || undefined}
    >
      {hot.length === 0 ? (
        <p className={styles.nothing}>No queue and no group was found in the sources that could be read.</p>
      ) : (
        <Grid<HotRow>
          label="Hot queues and groups"
          columns={HOT_COLUMNS}
          card={HotCard}
          onOpen={({ ref }) => {
            const to = parseReference(ref)
            if (!to) return
            const page = to.kind === 'group' ? '/groups/$source/$' : '/queues/$source/$'
            void navigate({ to: page, params: { source: to.source, _splat: to.tail } })
          }}
          shadeOf={(row) => (stale.has(row.source) ? 'unknown' : shadeOfSeverity(row))}
          total={rows.size}
          onResort={resort}
          {...{ rows, refOf, gone, holders }}
        />
      )}
    </Panel>
  )
}

/** What a person can do from here, the quickest first. */
const WAYS = [
  {
    what: 'See a shop at work',
    how: 'npx sluice demo',
    why: 'orders, mails, thumbnails and a fire to practise on; Ctrl-C leaves nothing',
  },
  {
    what: 'Read your own',
    how: 'npx sluice init',
    why: 'looks for brokers here and in the environment, and writes a commented sluice.yaml',
  },
  {
    what: 'It does not connect',
    how: 'npx sluice doctor',
    why: 'tries name, port, TLS, password and rights of each source, and says what to do',
  },
] as const

const EXAMPLE = `sources:
  redis-main: { url: "redis://127.0.0.1:6379/0" }
  rabbit-1:   { url: "amqp://app:\${env:RABBIT_PASSWORD}@127.0.0.1:5672/" }
  kafka-eu:   { url: "kafka://127.0.0.1:9092" }`

function FirstSteps() {
  return (
    <Panel title="First steps">
      <div className={styles.first}>
        <p>
          Sluice shows and controls what waits in Redis job queues, RabbitMQ and Kafka. It reads none of them yet: no{' '}
          <code>sluice.yaml</code> names one. (Without a file it tries the usual local ports: 6379, 5672, 9092.)
        </p>
        <dl className={styles.ways}>
          {WAYS.map(({ what, how, why }) => (
            <div key={how}>
              <dt>{what}</dt>
              <dd>
                <code className="mono">{how}</code>
                <p className="soft">{why}</p>
              </dd>
            </div>
          ))}
        </dl>
        <p>Or name your systems in a sluice.yaml yourself, and start again:</p>
        <pre className="mono">{EXAMPLE}</pre>
      </div>
    </Panel>
  )
}
