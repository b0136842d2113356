import { useLocation, useNavigate } from '@tanstack/react-router'
import { useEffect, useRef, useState } from 'react'
import { readListSearch } from '../data/list-search.ts'
import styles from './shell.module.css'

export const FILTER_ID = 'sluice-filter'
const FILTERED = ['/queues', '/groups', '/topics', '/workers', '/runs']
/** A list is asked anew when the typing rests for this long. */
const REST_MS = 200

/** One filter for whatever list is on the screen; elsewhere Enter takes it to the queues. */
export function FilterBox() {
  const { pathname, search } = useLocation()
  const navigate = useNavigate()
  const isList = FILTERED.includes(pathname)
  const inAddress = isList ? (readListSearch(search).filter ?? '') : ''
  const [text, setText] = useState(inAddress)
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null)
  // The address wins when it changes by other means: a link, the back button, a cleared chip.
  useEffect(() => setText(inAddress), [inAddress])
  const apply = (filter: string) => {
    if (timer.current) clearTimeout(timer.current)
    const next = { filter: filter.trim() || undefined }
    if (!isList) void navigate({ to: '/queues', search: next })
    else
      void navigate({
        to: '.',
        search: (now: Record<string, unknown>) => ({ ...readListSearch(now), ...next }),
        replace: true,
      })
  }
  return (
    <search className={styles.find} data-elsewhere={!isList || undefined}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          apply(text)
        }}
      >
        <input
          id={FILTER_ID}
          type="search"
          aria-label={isList ? `Filter ${pathname.slice(1)}` : 'Filter queues'}
          placeholder={isList ? `Filter ${pathname.slice(1)}: part of a name, or *-mail` : 'Filter queues…'}
          autoComplete="off"
          spellCheck={false}
          maxLength={256}
          value={text}
          onChange={({ target: { value } }) => {
            setText(value)
            if (timer.current) clearTimeout(timer.current)
            if (isList) timer.current = setTimeout(() => apply(value), REST_MS)
          }}
        />
        <kbd>/</kbd>
      </form>
    </search>
  )
}
