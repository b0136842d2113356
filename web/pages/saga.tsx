import { useParams } from '@tanstack/react-router'
import { sagaPath } from '../../server/api/paths.ts'
import type { SagaBody } from '../../server/api/saga.ts'
import { formatReference } from '../../server/domain/reference.ts'
import { useRead } from '../data/use-read.ts'
import { Glyph } from '../parts/glyph.tsx'
import { Chip } from '../parts/headline.tsx'
import { Panel } from '../parts/panel.tsx'
import { RefLink } from '../parts/ref-link.tsx'
import { signOfSaga } from '../parts/saga-signs.ts'
import { SagaSteps } from '../parts/saga-steps.tsx'
import { useTitle } from '../parts/use-title.ts'
import detail from './detail.module.css'
import styles from './run.module.css'
import { Instant } from './workers.tsx'

/** One saga: how it stands, its steps, and what it was begun with. */
export function SagaPage() {
  const { source, _splat: tail = '' } = useParams({ from: '/sagas/$source/$' })
  // The same reading as that of its steps.
  const { body } = useRead<SagaBody>(sagaPath(source, tail))
  const [queue = '', id = ''] = tail.split('/')
  useTitle(body?.saga.name ?? id)
  return (
    <>
      <header className={styles.head}>
        {body && <Glyph sign={signOfSaga(body.saga)} label={signOfSaga(body.saga).word} />}
        <h1>
          <b>{body?.saga.name ?? 'Saga'}</b> <span className="soft">saga {body?.saga.id ?? id}</span>
        </h1>
        {body && <Chip>{body.saga.status}</Chip>}
      </header>
      <SagaSteps reference={formatReference({ kind: 'saga', source, tail })} />
      {body && <Facts saga={body.saga} queue={formatReference({ kind: 'queue', source, tail: queue })} />}
    </>
  )
}

function Facts({ saga, queue }: { readonly saga: SagaBody['saga']; readonly queue: string }) {
  return (
    <Panel title="Facts">
      <dl className={detail.facts}>
        <dt>Queue</dt>
        <dd>
          <RefLink to={queue} />
        </dd>
        <dt>Run</dt>
        <dd>{saga.run === null ? <span className="soft">none goes on with it</span> : <RefLink to={saga.run} />}</dd>
        <dt>Started</dt>
        <dd>
          <Instant atMs={saga.startedAtMs} why="it was not kept" />
        </dd>
        <dt>Changed</dt>
        <dd>
          <Instant atMs={saga.changedAtMs} why="it was not kept" />
        </dd>
        <dt>Because</dt>
        <dd>{saga.reason ?? <span className="soft">nothing turned it back</span>}</dd>
        <dt>Arguments</dt>
        <dd>
          <code>{saga.args}</code>
        </dd>
      </dl>
    </Panel>
  )
}
