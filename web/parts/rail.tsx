import { Link } from '@tanstack/react-router'
import { type ReactNode, useRef } from 'react'
import { useLivingControls } from '../data/control-acts.ts'
import { useOverview } from '../data/use-live.ts'
import { formatFigure } from '../format.ts'
import styles from './shell.module.css'

interface RailItem {
  readonly to: '/' | '/queues' | '/groups' | '/topics' | '/workers' | '/runs' | '/sources' | '/controls' | '/history'
  readonly label: string
  readonly icon: ReactNode
  /** Behind “More” on a phone, where five fit. */
  readonly isMore?: boolean
  readonly count: 'queues' | 'groups' | 'topics' | 'workers' | 'runs' | 'sources' | 'controls' | null
}

const ITEMS: readonly RailItem[] = [
  { to: '/', label: 'Overview', count: null, icon: <path d="M2 2.5h4.5v4.5H2zM9 2.5h5M9 6h5M2 10.5h12M2 13.5h8" /> },
  { to: '/queues', label: 'Queues', count: 'queues', icon: <path d="M2.5 4h11M2.5 8h11M2.5 12h11" /> },
  { to: '/groups', label: 'Groups', count: 'groups', icon: <path d="M2 4h8M2 8h11M2 12h8M10.5 5.5 13 8l-2.5 2.5" /> },
  {
    ...{ to: '/topics', label: 'Topics', count: 'topics', isMore: true },
    icon: <path d="M2.5 3.5h11v9h-11zM6 3.5v9M9.8 3.5v9" />,
  },
  { to: '/runs', label: 'Runs', count: 'runs', icon: <path d="M13 8a5 5 0 1 1-1.6-3.7M13.2 2.4v2.9h-2.9" /> },
  {
    ...{ to: '/workers', label: 'Workers', count: 'workers', isMore: true },
    icon: (
      <path d="M8 5.6a2.4 2.4 0 1 0 0 4.8 2.4 2.4 0 0 0 0-4.8ZM8 2v2M8 12v2M2 8h2M12 8h2M3.8 3.8l1.4 1.4M10.8 10.8l1.4 1.4M12.2 3.8l-1.4 1.4M5.2 10.8l-1.4 1.4" />
    ),
  },
  {
    ...{ to: '/sources', label: 'Sources', count: 'sources', isMore: true },
    icon: <path d="M8 2.5 13.5 5 8 7.5 2.5 5ZM2.5 8 8 10.5 13.5 8M2.5 11 8 13.5 13.5 11" />,
  },
  { to: '/controls', label: 'Controls', count: 'controls', icon: <path d="M5.5 3v10M10.5 3v10" strokeWidth="2.4" /> },
  {
    ...{ to: '/history', label: 'History', count: null, isMore: true },
    icon: <path d="M8 3a5 5 0 1 1-4.6 3M3.2 2.8v3.3h3.3M8 5.5V8l1.8 1.2" />,
  },
]

/** The pages with their counts: a column at the left, a strip at the bottom on a phone. */
export function Rail() {
  const { body } = useOverview()
  const living = useLivingControls().body
  const more = useRef<HTMLDetailsElement>(null)
  const countOf = ({ count }: RailItem) =>
    count === 'controls'
      ? (living?.total ?? null)
      : !body || count === null
        ? null
        : count === 'sources'
          ? body.sources.length
          : body.counts[count]
  const toneOf = ({ count }: RailItem) =>
    count !== 'controls' || !living?.total ? undefined : living.problems > 0 ? 'critical' : 'control'
  const link = (item: RailItem) => {
    const count = countOf(item)
    return (
      <Link
        key={item.to}
        to={item.to}
        activeOptions={{ exact: item.to === '/', includeSearch: false }}
        data-more={item.isMore}
        onClick={() => more.current?.removeAttribute('open')}
      >
        <svg width="16" height="16" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
          {item.icon}
        </svg>
        <span>{item.label}</span>
        {count !== null && <small data-tone={toneOf(item)}>{formatFigure(count, 'count')}</small>}
      </Link>
    )
  }
  return (
    <nav className={styles.rail} aria-label="Pages">
      {ITEMS.map(link)}
      <details ref={more} className={styles.more}>
        <summary>
          <svg width="16" height="16" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
            <path d="M3 8h.1M8 8h.1M13 8h.1" strokeWidth="2.4" />
          </svg>
          <span>More</span>
        </summary>
        <div>{ITEMS.filter(({ isMore }) => isMore).map(link)}</div>
      </details>
    </nav>
  )
}
