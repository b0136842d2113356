import { Store } from './store.ts'

/** Something that just happened, said for a moment. */
export interface Toast {
  readonly id: number
  readonly text: string
  readonly tone: 'fine' | 'warning' | 'critical'
  /** What can still be done about it while it stands. */
  readonly action: { readonly label: string; readonly run: () => void } | null
}

export const TOAST_MS = 10_000
/** More at once would cover the page; the oldest goes. */
const TOASTS_MAX = 3

export const toasts = new Store<readonly Toast[]>([])
let lastId = 0

export function showToast(text: string, tone: Toast['tone'] = 'fine', action: Toast['action'] = null): void {
  const id = ++lastId
  toasts.set([...toasts.get(), { id, text, tone, action }].slice(-TOASTS_MAX))
  setTimeout(() => dropToast(id), TOAST_MS)
}

export function dropToast(id: number): void {
  toasts.set(toasts.get().filter((toast) => toast.id !== id))
}

/** What was offered to be undone has been: the offer would do nothing more. */
export function dropOffers(): void {
  toasts.set(toasts.get().filter(({ action }) => action === null))
}
