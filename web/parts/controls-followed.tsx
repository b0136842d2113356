import type { ControlBody, ControlRow, ControlsMade } from '../../server/api/control.ts'
import { liftControl, useLivingControls } from '../data/control-acts.ts'
import type { Draft } from '../data/draft.ts'
import { closeDrawer } from '../data/drawer.ts'
import { useLive } from '../data/use-live.ts'
import styles from './control-drawer.module.css'
import { PhaseSteps } from './phase-steps.tsx'
import { RefName } from './ref-link.tsx'

/** Each one is followed in full up to here: a page follows 24 paths in all. */
const FULL_MAX = 8

interface ControlsFollowedProps {
  readonly draft: Draft
  readonly made: ControlsMade
  readonly onAgain: () => void
}

const DONE = { pause: 'Pause asked for', throttle: 'Throttle asked for', limit: 'Limit asked for', resume: 'Resumed' }

/** After the act: how far each target has come, moved by evidence only. */
export function ControlsFollowed({ draft, made, onAgain }: ControlsFollowedProps) {
  const { controls, skipped, failed } = made
  const isPartly = skipped.length + failed.length > 0
  return (
    <div className={styles.drafting}>
      <header className={styles.head}>
        <h2 id="drawer-title">{controls.length === 0 && isPartly ? 'Nothing was done' : DONE[draft.verb]}</h2>
        <button type="button" onClick={closeDrawer}>
          Close <kbd>Esc</kbd>
        </button>
      </header>
      <div className={styles.body}>
        <ul className={styles.followed}>
          {controls.map((control, index) =>
            index < FULL_MAX ? (
              <FollowedInFull key={control.id} control={control} />
            ) : (
              <FollowedInList key={control.id} control={control} />
            ),
          )}
          {failed.map(({ ref, message }) => (
            <li key={ref}>
              <RefName of={ref} />
              <p data-tone="critical">✖ not done: {message}</p>
            </li>
          ))}
          {skipped.map(({ ref, why }) => (
            <li key={ref}>
              <RefName of={ref} />
              <p data-tone="warning">▲ skipped: {why}</p>
            </li>
          ))}
        </ul>
      </div>
      <footer className={styles.foot}>
        <p className={styles.missing} />
        {draft.verb !== 'resume' && controls.length > 0 && (
          <button
            type="button"
            onClick={() => {
              for (const control of controls) void liftControl(control)
              closeDrawer()
            }}
          >
            Undo
          </button>
        )}
        {isPartly && (
          <button type="button" onClick={onAgain}>
            Back
          </button>
        )}
        {/* biome-ignore lint/a11y/noAutofocus: the button that had the focus is gone */}
        <button type="button" autoFocus onClick={closeDrawer}>
          Done
        </button>
      </footer>
    </div>
  )
}

function FollowedInFull({ control }: { readonly control: ControlRow }) {
  const { body } = useLive<ControlBody>(`/controls/${encodeURIComponent(control.id)}`)
  return <Followed control={body?.control ?? control} body={body} />
}

function FollowedInList({ control }: { readonly control: ControlRow }) {
  const { body } = useLivingControls()
  return <Followed control={body?.items.find(({ id }) => id === control.id) ?? control} body={null} />
}

function Followed({ control, body }: { readonly control: ControlRow; readonly body: ControlBody | null }) {
  return (
    <li>
      <RefName of={control.target} /> <span className="soft">{control.sentence}</span>
      <PhaseSteps control={control} reached={body?.steps ?? []} />
      <p className="soft" role="status">
        {control.detail}
      </p>
    </li>
  )
}
