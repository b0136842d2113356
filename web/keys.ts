/** Every key of the page: this table makes the help and the dispatch. */
export type KeyAct =
  | 'help'
  | 'filter'
  | 'freeze'
  | 'next'
  | 'previous'
  | 'open'
  | 'up'
  | 'faults'
  | 'resort'
  | { readonly go: string }

export interface KeyRow {
  /** Keys pressed one after the other, as `KeyboardEvent.key` names them. */
  readonly keys: readonly string[]
  readonly does: string
  readonly act: KeyAct
}

export const KEYS: readonly KeyRow[] = [
  { keys: ['?'], does: 'These keys', act: 'help' },
  { keys: ['/'], does: 'Filter', act: 'filter' },
  { keys: ['j'], does: 'Next row', act: 'next' },
  { keys: ['k'], does: 'Previous row', act: 'previous' },
  { keys: ['Enter'], does: 'Open the row', act: 'open' },
  { keys: ['Escape'], does: 'Leave the filter or the row; one level up', act: 'up' },
  { keys: ['f'], does: 'Faults only, or all', act: 'faults' },
  { keys: ['s'], does: 'Re-sort a held list', act: 'resort' },
  { keys: ['z'], does: 'Freeze or unfreeze the view', act: 'freeze' },
  { keys: ['g', 'o'], does: 'Go to the overview', act: { go: '/' } },
  { keys: ['g', 'q'], does: 'Go to queues', act: { go: '/queues' } },
  { keys: ['g', 'g'], does: 'Go to groups', act: { go: '/groups' } },
  { keys: ['g', 't'], does: 'Go to topics', act: { go: '/topics' } },
  { keys: ['g', 'w'], does: 'Go to workers', act: { go: '/workers' } },
  { keys: ['g', 'r'], does: 'Go to runs', act: { go: '/runs' } },
  { keys: ['g', 's'], does: 'Go to sources', act: { go: '/sources' } },
]

/** A sequence such as `g q` must be finished within this time. */
export const SEQUENCE_MS = 1_500

/** What the keys pressed so far mean: an act, the beginning of one, or nothing. */
export function matchKeys(pressed: readonly string[]): KeyAct | 'begun' | null {
  for (const { keys, act } of KEYS) {
    if (keys.length === pressed.length && keys.every((key, index) => key === pressed[index])) return act
  }
  const begins = KEYS.some(({ keys }) => keys.length > pressed.length && pressed.every((key, i) => key === keys[i]))
  return begins ? 'begun' : null
}
