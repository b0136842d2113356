import { useStore } from '../data/store.ts'
import { dropToast, toasts } from '../data/toasts.ts'
import styles from './toast-list.module.css'

/** What just happened, for 10 s, with what can still be done about it. Said politely to screen readers. */
export function ToastList() {
  const shown = useStore(toasts)
  return (
    <div className={styles.toasts} role="status">
      {shown.map(({ id, text, tone, action }) => (
        <p key={id} className={styles.toast} data-kind={tone}>
          <span>{text}</span>
          {action && (
            <button
              type="button"
              onClick={() => {
                dropToast(id)
                action.run()
              }}
            >
              {action.label}
            </button>
          )}
          <button type="button" aria-label="Close the message" className={styles.close} onClick={() => dropToast(id)}>
            ×
          </button>
        </p>
      ))}
    </div>
  )
}
