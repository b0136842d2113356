import { useNavigate, useRouter } from '@tanstack/react-router'
import { useEffect } from 'react'
import { toggleFrozen } from '../data/frozen.ts'
import { askFor, extendMine, targetsUnder, undoMine } from '../data/key-acts.ts'
import { keysAreOn } from '../data/key-setting.ts'
import { readListSearch } from '../data/list-search.ts'
import { clearMarks, marks, toggleMark } from '../data/marks.ts'
import { type KeyAct, matchKeys, SEQUENCE_MS } from '../keys.ts'
import { FILTER_ID } from './filter-box.tsx'
import { currentList } from './grid-list.ts'
import { openHelp } from './help-dialog.tsx'

const MARKED_ON: readonly string[] = ['/queues', '/runs']

/** Dispatches the keys of the table. They rest in inputs and dialogs, with modifiers, and when switched off. */
export function useKeys(): void {
  const navigate = useNavigate()
  const router = useRouter()
  useEffect(() => {
    let pressed: string[] = []
    let begunAtMs = 0
    const act = (what: KeyAct, event: KeyboardEvent) => {
      event.preventDefault()
      if (typeof what === 'object') {
        if ('go' in what) void navigate({ to: what.go })
        else document.querySelectorAll<HTMLElement>('[role=tab]')[what.tab]?.click()
        return
      }
      const { pathname, search } = router.state.location
      const ask = (verb: 'pause' | 'throttle' | 'resume') =>
        askFor(verb, targetsUnder(currentList()?.focused() ?? null, pathname))
      const acts: Record<typeof what, () => void> = {
        help: openHelp,
        filter: () => document.getElementById(FILTER_ID)?.focus(),
        freeze: toggleFrozen,
        next: () => currentList()?.move(1),
        previous: () => currentList()?.move(-1),
        resort: () => currentList()?.resort(),
        open: () => {},
        mark: () => {
          const ref = currentList()?.focused() ?? null
          if (ref !== null && MARKED_ON.includes(pathname)) toggleMark(ref)
        },
        pause: () => ask('pause'),
        throttle: () => ask('throttle'),
        resume: () => ask('resume'),
        extend: extendMine,
        undo: undoMine,
        up: () => {
          if (marks.get().size > 0 && !currentList()?.focused()) return clearMarks()
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
      // What has the focus does this by itself: a row opens, a button is pressed.
      if (found === 'open') return
      if (found === 'mark' && target?.closest('button, a, summary, [role=tab]')) return
      if (found !== null && found !== 'begun') act(found, event)
    }
    document.addEventListener('keydown', onKeyDown)
    return () => document.removeEventListener('keydown', onKeyDown)
  }, [navigate, router])
}
