import { useNavigate, useRouter } from '@tanstack/react-router'
import { useEffect } from 'react'
import { toggleFrozen } from '../data/frozen.ts'
import { keysAreOn } from '../data/key-setting.ts'
import { readListSearch } from '../data/list-search.ts'
import { type KeyAct, matchKeys, SEQUENCE_MS } from '../keys.ts'
import { FILTER_ID } from './filter-box.tsx'
import { currentList } from './grid-list.ts'
import { openHelp } from './help-dialog.tsx'

/** Dispatches the keys of the table. They rest in inputs and dialogs, with modifiers, and when switched off. */
export function useKeys(): void {
  const navigate = useNavigate()
  const router = useRouter()
  useEffect(() => {
    let pressed: string[] = []
    let begunAtMs = 0
    const act = (what: KeyAct, event: KeyboardEvent) => {
      if (typeof what === 'object') return void navigate({ to: what.go })
      const { pathname, search } = router.state.location
      const acts: Record<typeof what, () => void> = {
        help: openHelp,
        filter: () => document.getElementById(FILTER_ID)?.focus(),
        freeze: toggleFrozen,
        next: () => currentList()?.move(1),
        previous: () => currentList()?.move(-1),
        resort: () => currentList()?.resort(),
        // A focused row, link or button does this by itself.
        open: () => {},
        up: () => {
          if (currentList()?.leave()) return
          const parent = pathname.split('/').slice(0, 2).join('/')
          if (parent !== pathname) void navigate({ to: parent })
          else if (pathname !== '/') void navigate({ to: '/' })
        },
        faults: () => {
          const now = readListSearch(search)
          if (pathname === '/queues' || pathname === '/groups' || pathname === '/topics')
            void navigate({ to: pathname, search: { ...now, faults: now.faults ? undefined : true }, replace: true })
          else if (pathname === '/') void navigate({ to: '/queues', search: { faults: true } })
        },
      }
      if (what !== 'open') event.preventDefault()
      acts[what]()
    }
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return
      const target = event.target instanceof HTMLElement ? event.target : null
      if (target?.closest('dialog')) return
      if (target?.closest('input, textarea, select, [contenteditable]')) {
        if (event.key !== 'Escape') return
        // A search field would empty itself: leaving it must not change the list.
        event.preventDefault()
        target.blur()
        return
      }
      if (event.key.length === 1 && !keysAreOn()) return
      if (event.timeStamp - begunAtMs > SEQUENCE_MS) pressed = []
      begunAtMs = event.timeStamp
      const found = matchKeys([...pressed, event.key]) ?? matchKeys([event.key])
      pressed = found === 'begun' ? [event.key] : []
      if (found !== null && found !== 'begun') act(found, event)
    }
    document.addEventListener('keydown', onKeyDown)
    return () => document.removeEventListener('keydown', onKeyDown)
  }, [navigate, router])
}
