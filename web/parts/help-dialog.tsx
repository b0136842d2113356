import { setKeysOn, useKeysOn } from '../data/key-setting.ts'
import { KEYS } from '../keys.ts'
import styles from './help-dialog.module.css'

const ID = 'sluice-help'
const KEY_NAMES: Readonly<Record<string, string>> = { Escape: 'Esc', ' ': 'Space' }

export function openHelp(): void {
  const dialog = document.getElementById(ID)
  if (dialog instanceof HTMLDialogElement && !dialog.open) dialog.showModal()
}

/** The keys, from the table that dispatches them, and the switch that turns the single letters off. */
export function HelpDialog() {
  const isOn = useKeysOn()
  return (
    <dialog id={ID} className={styles.help} aria-labelledby="help-title">
      <form method="dialog">
        <header>
          <h2 id="help-title">Keys</h2>
          <button type="submit">Close</button>
        </header>
        <dl>
          {KEYS.map(({ keys, does }) => (
            <div key={keys.join(' ')}>
              <dt>
                {keys.map((key) => (
                  <kbd key={key}>{KEY_NAMES[key] ?? key}</kbd>
                ))}
              </dt>
              <dd>{does}</dd>
            </div>
          ))}
        </dl>
        <label>
          <input type="checkbox" checked={isOn} onChange={({ target }) => setKeysOn(target.checked)} /> Single keys act
          outside of inputs
        </label>
      </form>
    </dialog>
  )
}
