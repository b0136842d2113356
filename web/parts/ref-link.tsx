import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { parseReference, type ReferenceKind } from '../../server/domain/reference.ts'
import styles from './ref-link.module.css'

interface RefLinkProps {
  /** `redis-main/emails`, `group/kafka-eu/orders`; without a slash: a source. */
  readonly to: string
  readonly children?: ReactNode
  readonly tabIndex?: number
  /** Without its kind: in a list where all are of one kind. */
  readonly bare?: boolean
}

type RefPage = `/${'queues' | 'groups' | 'topics' | 'runs' | 'sagas'}/$source/$`
const PAGES: Partial<Record<ReferenceKind, RefPage>> = {
  queue: '/queues/$source/$',
  group: '/groups/$source/$',
  topic: '/topics/$source/$',
  run: '/runs/$source/$',
  saga: '/sagas/$source/$',
}

/** A name that leads to its page. Kinds without a page are plain text. */
export function RefLink({ to, children, tabIndex, bare = false }: RefLinkProps) {
  const reference = parseReference(to)
  const shown = children ?? <RefName of={bare && reference ? `${reference.source}/${reference.tail}` : to} />
  const focus = tabIndex === undefined ? {} : { tabIndex }
  if (!reference)
    return (
      <Link to="/sources/$source" params={{ source: to }} className={styles.link} {...focus}>
        {shown}
      </Link>
    )
  const params = { source: reference.source, _splat: reference.tail }
  const page = PAGES[reference.kind]
  if (page === undefined) return shown
  return (
    <Link to={page} params={params} className={styles.link} {...focus}>
      {shown}
    </Link>
  )
}

/** A reference with its name stronger than the way to it. */
export function RefName({ of }: { readonly of: string }) {
  const cut = of.lastIndexOf('/') + 1
  return (
    <>
      {cut > 0 && <span className={styles.way}>{of.slice(0, cut)}</span>}
      <span className={styles.name}>{of.slice(cut)}</span>
    </>
  )
}
