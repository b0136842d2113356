import { Link, Outlet, useRouterState } from '@tanstack/react-router'
import { lazy, Suspense, useEffect, useRef } from 'react'
import type { SourceAge } from '../../server/api/freshness.ts'
import { actionAsk } from '../data/action.ts'
import { closeDrawer, draftInAddress, drawer, openDrawer } from '../data/drawer.ts'
import { toggleFrozen, useFrozenAtMs } from '../data/frozen.ts'
import { useSession } from '../data/session.ts'
import { sourceStateAt } from '../data/source-state.ts'
import { useStore } from '../data/store.ts'
import { setTheme, type Theme, useTheme } from '../data/theme.ts'
import { showToast } from '../data/toasts.ts'
import { useOverview } from '../data/use-live.ts'
import { useNow } from '../data/use-now.ts'
import { formatNumbered } from '../format.ts'
import { Age } from './age.tsx'
import { Announcer } from './announcer.tsx'
import { Banners } from './banners.tsx'
import { ControlsBar } from './controls-bar.tsx'
import { FilterBox } from './filter-box.tsx'
import { Glyph } from './glyph.tsx'
import { HelpDialog, openHelp } from './help-dialog.tsx'
import { Rail } from './rail.tsx'
import styles from './shell.module.css'
import { SparklineDefinitions } from './sparkline.tsx'
import { ToastList } from './toast-list.tsx'
import { signOfSource, worstState } from './tone.ts'
import { useKeys } from './use-keys.ts'

/** What stands around every page: bar, rail, banners, keys. */
export function Shell() {
  useKeys()
  const main = useRef<HTMLElement>(null)
  const pathname = useRouterState({ select: ({ location }) => location.pathname })
  // biome-ignore lint/correctness/useExhaustiveDependencies: another page begins at its top
  useEffect(() => void main.current?.scrollTo(0, 0), [pathname])
  return (
    <div className={styles.shell}>
      <SparklineDefinitions />
      <a href="#main" className={styles.skip}>
        To the content
      </a>
      <TopBar />
      <Rail />
      {/* It scrolls, and may hold nothing that takes the focus: the keyboard must reach it all the same. */}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: see above */}
      <main id="main" ref={main} className={styles.main} tabIndex={0}>
        <Banners />
        <Outlet />
      </main>
      <ControlsBar />
      <ToastList />
      <Announcer />
      <HelpDialog />
      <DrawerHost />
      <ActionHost />
    </div>
  )
}

/** The drawer is loaded when it is opened for the first time: reading needs none of it. */
const ControlDrawer = lazy(() => import('./control-drawer.tsx').then((loaded) => ({ default: loaded.ControlDrawer })))

function DrawerHost() {
  const asked = useStore(drawer)
  const pathname = useRouterState({ select: ({ location }) => location.pathname })
  // An address may ask for it to be filled: once, when the page is opened.
  useEffect(() => {
    const draft = draftInAddress(location.pathname, location.search)
    if (draft) openDrawer(draft)
  }, [])
  const before = useRef(pathname)
  useEffect(() => {
    if (before.current !== pathname) closeDrawer()
    before.current = pathname
  }, [pathname])
  if (!asked) return null
  return (
    <Suspense fallback={null}>
      <ControlDrawer asked={asked} />
    </Suspense>
  )
}

const ActionDialog = lazy(() => import('./action-dialog.tsx').then((loaded) => ({ default: loaded.ActionDialog })))

function ActionHost() {
  const ask = useStore(actionAsk)
  if (!ask) return null
  return (
    <Suspense fallback={null}>
      <ActionDialog ask={ask} />
    </Suspense>
  )
}

/** Who acts here; for somebody who is not signed in, how to. */
function Who() {
  const { actor, mayWrite, why, isKnown } = useSession()
  if (!isKnown) return null
  if (actor !== null && mayWrite) return <span className={styles.who}>{actor}</span>
  return (
    <button
      type="button"
      className={styles.who}
      title={why ?? undefined}
      onClick={() => showToast(why ?? '', 'warning')}
    >
      {actor ?? 'Read only'}
    </button>
  )
}

function TopBar() {
  const { body } = useOverview()
  const isFrozen = useFrozenAtMs() !== null
  return (
    <header className={styles.bar}>
      <Link to="/" className={styles.word} aria-label="Sluice, overview">
        <svg width="20" height="20" viewBox="0 0 20 20" aria-hidden="true" focusable="false">
          <path d="M2 6h16M2 14h16" stroke="var(--in)" strokeWidth="2.2" strokeLinecap="round" />
          <path d="M10 2.5v15" stroke="var(--control)" strokeWidth="3" strokeLinecap="round" />
        </svg>
        <span>sluice</span>
      </Link>
      <FilterBox />
      <SourceChips sources={body?.sources ?? []} />
      <div className={styles.tools}>
        <Who />
        <button type="button" aria-pressed={isFrozen} title="z" onClick={toggleFrozen}>
          Freeze
        </button>
        <ThemeButton />
        <button type="button" className={styles.square} title="Keys (?)" aria-label="Keys" onClick={openHelp}>
          ?
        </button>
      </div>
    </header>
  )
}

const CHIPS_MAX = 4

function SourceChips({ sources }: { readonly sources: readonly SourceAge[] }) {
  const nowMs = useNow()
  const states = sources.map((age) => sourceStateAt(age, nowMs))
  const worst = signOfSource(worstState(states))
  if (sources.length === 0) return <span className={styles.sources} />
  const isMany = sources.length > CHIPS_MAX
  return (
    <div className={styles.sources} data-many={isMany || undefined}>
      <Link to="/sources" className={styles.summary}>
        <Glyph sign={worst} label={worst.word} /> {formatNumbered(sources.length, 'source')}
      </Link>
      <ul className={styles.chips} aria-label="Sources">
        {sources.map((age, index) => (
          <li key={age.source}>
            <Link to="/sources/$source" params={{ source: age.source }} title={age.error?.message}>
              <Glyph
                sign={signOfSource(states[index] ?? 'waiting')}
                label={signOfSource(states[index] ?? 'waiting').word}
              />
              <b>{age.source}</b>{' '}
              <span data-tone={states[index] === 'late' ? 'warning' : 'soft'}>
                {age.observedAtMs === null ? '—' : <Age atMs={age.observedAtMs} />}
              </span>
            </Link>
          </li>
        ))}
      </ul>
    </div>
  )
}

const NEXT_THEME: Readonly<Record<Theme, Theme>> = { system: 'light', light: 'dark', dark: 'system' }

function ThemeButton() {
  const theme = useTheme()
  return (
    <button
      type="button"
      className={styles.square}
      title={`Theme: ${theme}`}
      aria-label={`Theme: ${theme}. Change to ${NEXT_THEME[theme]}`}
      onClick={() => setTheme(NEXT_THEME[theme])}
    >
      <svg width="14" height="14" viewBox="0 0 14 14" aria-hidden="true" focusable="false">
        <circle
          {...{ cx: '7', cy: '7', r: '5.4', stroke: 'currentColor', strokeWidth: '1.3' }}
          fill={theme === 'dark' ? 'currentColor' : 'none'}
        />
        {theme === 'system' && <path d="M7 1.6a5.4 5.4 0 0 1 0 10.8Z" fill="currentColor" />}
      </svg>
    </button>
  )
}
