import { Link, useParams } from '@tanstack/react-router'
import type { SourceBody } from '../../server/api/source.ts'
import { useLive } from '../data/use-live.ts'
import { formatFigure, formatNumbered } from '../format.ts'
import { Figure } from '../parts/figure.tsx'
import { type Head, Headline, Heads } from '../parts/headline.tsx'
import { Empty, Panel, Skeleton } from '../parts/panel.tsx'
import { ProblemView } from '../parts/problem-view.tsx'
import { Table, type TableColumn } from '../parts/table.tsx'
import { useTitle } from '../parts/use-title.ts'
import styles from './detail.module.css'
import { SourceAmount } from './sources.tsx'

export function SourcePage() {
  const { source: id } = useParams({ from: '/sources/$source' })
  useTitle(id)
  const { body, problem, failure } = useLive<SourceBody>(`/sources/${encodeURIComponent(id)}`)
  if (!body && (problem || failure))
    return <ProblemView problem={problem} failure={failure} back={{ to: '/sources', label: 'All sources' }} />
  if (!body)
    return (
      <Panel title={id}>
        <Skeleton rows={8} what={id} />
      </Panel>
    )
  const { source } = body
  const isStale = source.severity === 'unknown'
  return (
    <>
      <Headline
        reference={source.source}
        severity={source.severity}
        reasons={source.reasons}
        chips={[source.kind, body.address]}
        age={body.sources.find((one) => one.source === id) ?? source}
      />
      <Heads heads={headsOf(body)} stale={isStale} />
      <Lists source={source} />
      <div className={styles.two}>
        <Nodes body={body} />
        <Reading body={body} />
      </div>
      <div className={styles.two}>
        <Gaps body={body} />
        <Systems body={body} />
      </div>
    </>
  )
}

function headsOf({ source }: SourceBody): readonly Head[] {
  const none = 'it has not been read yet'
  return [
    { label: 'queues', main: <SourceAmount row={source} of="queues" /> },
    { label: 'topics', main: <SourceAmount row={source} of="topics" /> },
    { label: 'groups', main: <SourceAmount row={source} of="groups" /> },
    { label: 'workers', main: <SourceAmount row={source} of="workers" /> },
    {
      label: 'reading takes',
      main: <Figure value={source.tookMs} as="duration" why={none} />,
      beside: `each ${formatFigure(source.intervalMs, 'duration')}`,
    },
    {
      label: 'gaps',
      main: <Figure value={source.gaps} as="count" tone={source.gaps > 0 ? 'notice' : undefined} />,
      beside: source.gaps > 0 ? 'could not be read' : null,
    },
  ]
}

function Lists({ source: { source, queues, topics, groups, workers } }: { readonly source: SourceBody['source'] }) {
  const all = [
    ['/queues', 'Queues', queues],
    ['/topics', 'Topics', topics],
    ['/groups', 'Groups', groups],
    ['/workers', 'Workers', workers],
  ] as const
  const lists = all.filter(([, , count]) => count !== 0 && count !== null)
  return (
    <nav className={styles.lists} aria-label={`Lists of ${source}`}>
      {lists.map(([to, label]) => (
        <Link key={to} to={to} search={{ source }}>
          {label} of {source}
        </Link>
      ))}
    </nav>
  )
}

type Node = SourceBody['nodes'][number]

const NODE_COLUMNS: readonly TableColumn<Node>[] = [
  {
    ...{ key: 'name', label: 'Node', start: true },
    cell: ({ name, role }) => (
      <>
        <b>{name}</b> <span className="soft">{role}</span>
      </>
    ),
  },
  { key: 'version', label: 'Version', wide: true, cell: ({ version }) => version ?? '—' },
  {
    ...{ key: 'memory', label: 'Memory' },
    cell: ({ memoryBytes, memoryLimitBytes }) => (
      <>
        <Figure value={memoryBytes} as="bytes" why="it does not tell" />
        {memoryLimitBytes !== null && <span className="soft"> of {formatFigure(memoryLimitBytes, 'bytes')}</span>}
      </>
    ),
  },
  { key: 'connections', label: 'Conn.', wide: true, cell: (row) => <Figure value={row.connections} as="count" /> },
  {
    ...{ key: 'alarms', label: 'Alarms', start: true },
    cell: ({ alarms }) =>
      alarms.length > 0 ? <span data-tone="warning">▲ {alarms.join(', ')}</span> : <span className="soft">none</span>,
  },
]

function Nodes({ body: { nodes, source } }: { readonly body: SourceBody }) {
  return (
    <Panel title="Nodes" stale={source.severity === 'unknown'}>
      {nodes.length === 0 ? (
        <Empty>It has not told of its nodes.</Empty>
      ) : (
        <Table label="Nodes" columns={NODE_COLUMNS} rows={nodes} keyOf={({ name }) => name} />
      )}
    </Panel>
  )
}

/** What one reading costs the broker: counted, not estimated. */
function Reading({ body: { source, address } }: { readonly body: SourceBody }) {
  return (
    <Panel title="Cost of one reading">
      <dl className={styles.facts}>
        <dt>Commands</dt>
        <dd>
          <Figure value={source.commands} as="count" />
        </dd>
        <dt>Sent, read</dt>
        <dd>
          <Figure value={source.bytesSent} as="bytes" /> · <Figure value={source.bytesRead} as="bytes" />
        </dd>
        <dt>Took</dt>
        <dd>
          <Figure value={source.tookMs} as="duration" />
        </dd>
        <dt>Address</dt>
        <dd>
          <code>{address}</code>
        </dd>
      </dl>
    </Panel>
  )
}

type Gap = SourceBody['gapList'][number]

const GAP_COLUMNS: readonly TableColumn<Gap>[] = [
  { key: 'what', label: 'What', start: true, cell: ({ what }) => <b>{what}</b> },
  { key: 'code', label: 'Why', start: true, wide: true, cell: ({ code }) => code },
  { key: 'message', label: 'It said', start: true, cell: ({ message }) => <span className="soft">{message}</span> },
]

function Gaps({ body: { gapList, source } }: { readonly body: SourceBody }) {
  return (
    <Panel title="Gaps" note="what the last reading could not read">
      {gapList.length === 0 ? (
        <Empty>
          {source.observedAtMs === null ? 'Nothing has been read yet.' : 'None: the last reading was complete.'}
        </Empty>
      ) : (
        <Table label="Gaps" columns={GAP_COLUMNS} rows={gapList} keyOf={({ what, message }) => `${what} ${message}`} />
      )}
    </Panel>
  )
}

function Systems({ body: { source } }: { readonly body: SourceBody }) {
  return (
    <Panel title="Systems" note={formatNumbered(source.systems.length, 'system')}>
      {source.systems.length === 0 ? (
        <Empty>None was found in it yet.</Empty>
      ) : (
        <dl className={styles.facts}>
          {source.systems.map(({ name, version, cannotTell }) => (
            <div key={name} className={styles.system}>
              <dt>
                <b>{name}</b> {version}
              </dt>
              <dd>
                {Object.entries(cannotTell).map(([figure, why]) => (
                  <div key={figure}>
                    <span className="soft">cannot tell {figure}:</span> {why}
                  </div>
                ))}
              </dd>
            </div>
          ))}
        </dl>
      )}
    </Panel>
  )
}
