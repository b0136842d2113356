import { type Draft, FIRST_DRAFT } from './draft.ts'
import { Store } from './store.ts'

/** What the drawer was opened with; null = it is closed. A new object is a new opening. */
export const drawer = new Store<Draft | null>(null)

export function openDrawer(asked: Partial<Draft>): void {
  drawer.set({ ...FIRST_DRAFT, ...asked })
}

export function closeDrawer(): void {
  drawer.set(null)
}

const VERBS = ['pause', 'throttle', 'limit', 'resume'] as const
const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000 }

/**
 * What an address such as `/queues/redis-main/emails?do=pause&for=15m` asks the drawer to be filled with; null when it
 * asks for nothing. It only fills: nothing is ever done by opening an address.
 */
export function draftInAddress(pathname: string, search: string): Partial<Draft> | null {
  const params = new URLSearchParams(search)
  const verb = VERBS.find((word) => word === params.get('do'))
  if (!verb) return null
  const [, amount, unit = ''] = /^(\d{1,4})([smh])$/.exec(params.get('for') ?? '') ?? []
  const ttlMs = amount === undefined ? undefined : Number(amount) * (UNITS[unit] ?? 0)
  const named = params.getAll('on')
  const here = targetOfPage(pathname)
  const targets = named.length > 0 ? named : here === null ? [] : [here]
  return {
    ...{ verb, targets },
    ...(ttlMs ? { ttlMs } : {}),
    ...(params.get('rate') ? { perSecond: params.get('rate') ?? '' } : {}),
    ...(params.get('reason') ? { reason: params.get('reason') ?? '' } : {}),
  }
}

/** The reference of the thing that a page is about, when a control can be put on it; null for lists. */
export function targetOfPage(pathname: string): string | null {
  const [, list, source, ...rest] = pathname.split('/')
  if (!source || rest.length === 0 || (list !== 'queues' && list !== 'runs')) return null
  // The address encodes the reference's tail once more.
  const tail = rest.map((part) => decodeURIComponent(part)).join('/')
  return `${list === 'runs' ? 'run/' : ''}${decodeURIComponent(source)}/${tail}`
}
