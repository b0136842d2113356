import type { FormKind } from './form.ts'

/** What a key does in `top`. */
export type TopAction =
  | { readonly do: 'move'; readonly by: number }
  | { readonly do: 'page'; readonly by: -1 | 1 }
  | { readonly do: 'edge'; readonly to: 'first' | 'last' }
  | {
      readonly do:
        | 'open'
        | 'mark'
        | 'back'
        | 'filter'
        | 'faults'
        | 'freeze'
        | 'resort'
        | 'reverse'
        | 'help'
        | 'copy'
        | 'redraw'
    }
  | { readonly do: 'view'; readonly index: number }
  | { readonly do: 'next-view'; readonly by: -1 | 1 }
  | { readonly do: 'sort'; readonly by: -1 | 1 }
  | { readonly do: 'form'; readonly kind: FormKind }
  | { readonly do: 'apply' | 'field' }
  /** Goes to the field that is typed in. */
  | { readonly do: 'type'; readonly key: 'left' | 'right' }
  | { readonly do: 'quit' | 'interrupt' }

/** Where keys are dispatched: the list, the pane of one thing, the page of keys, a form that changes something. */
export type Mode = 'list' | 'pane' | 'help' | 'form'

export interface Binding {
  /** Names of keys as `keyNames` gives them. */
  readonly keys: readonly string[]
  /** How help and footer write them. */
  readonly shown: string
  readonly action: TopAction
  readonly modes: readonly Mode[]
  readonly help: string
  /** The word in the footer; without it only help has the key. */
  readonly footer?: string
}

const LIST: readonly Mode[] = ['list']
const ANY: readonly Mode[] = ['list', 'pane', 'help']
const THINGS: readonly Mode[] = ['list', 'pane']
const FORM: readonly Mode[] = ['form']

/** The one table from which dispatch, footer and help come. */
export const BINDINGS: readonly Binding[] = [
  { keys: ['j', 'down'], shown: 'j', action: { do: 'move', by: 1 }, modes: ANY, help: 'next row, or a line down' },
  {
    keys: ['k', 'up'],
    shown: 'j/k',
    action: { do: 'move', by: -1 },
    modes: ANY,
    help: 'previous row, or a line up',
    footer: 'move',
  },
  {
    keys: ['enter'],
    shown: 'Enter',
    action: { do: 'open' },
    modes: LIST,
    help: 'everything about the row',
    footer: 'open',
  },
  {
    keys: ['esc'],
    shown: 'Esc',
    action: { do: 'back' },
    modes: ANY,
    help: 'back; in the list: drop marks, filter, then free the order',
    footer: 'back',
  },
  {
    keys: ['/'],
    shown: '/',
    action: { do: 'filter' },
    modes: LIST,
    help: 'filter: a part of the reference, or a glob with *',
    footer: 'filter',
  },
  {
    keys: ['1'],
    shown: '1',
    action: { do: 'view', index: 0 },
    modes: LIST,
    help: 'hottest queues and groups',
  },
  { keys: ['2'], shown: '2', action: { do: 'view', index: 1 }, modes: LIST, help: 'queues' },
  { keys: ['3'], shown: '3', action: { do: 'view', index: 2 }, modes: LIST, help: 'consumer groups' },
  { keys: ['4'], shown: '4', action: { do: 'view', index: 3 }, modes: LIST, help: 'topics' },
  { keys: ['5'], shown: '5', action: { do: 'view', index: 4 }, modes: LIST, help: 'workers' },
  { keys: ['6'], shown: '6', action: { do: 'view', index: 5 }, modes: LIST, help: 'sources' },
  { keys: ['7'], shown: '7', action: { do: 'view', index: 6 }, modes: LIST, help: 'runs' },
  {
    keys: ['8'],
    shown: '1-8',
    action: { do: 'view', index: 7 },
    modes: LIST,
    help: 'controls: what is paused, throttled and limited, by whom',
    footer: 'views',
  },
  ...acts(),
  { keys: ['f'], shown: 'f', action: { do: 'faults' }, modes: LIST, help: 'only what is not fine', footer: 'faults' },
  { keys: ['<', ','], shown: '<', action: { do: 'sort', by: -1 }, modes: LIST, help: 'sort by the column before' },
  {
    keys: ['>', '.'],
    shown: '< >',
    action: { do: 'sort', by: 1 },
    modes: LIST,
    help: 'sort by the next column',
    footer: 'sort',
  },
  { keys: ['o'], shown: 'o', action: { do: 'reverse' }, modes: LIST, help: 'turn the order round' },
  {
    keys: ['s'],
    shown: 's',
    action: { do: 'resort' },
    modes: LIST,
    help: 're-sort now: rows stand still while you move',
    footer: 're-sort',
  },
  {
    keys: ['z'],
    shown: 'z',
    action: { do: 'freeze' },
    modes: ['list', 'pane'],
    help: 'freeze the screen; reading goes on',
    footer: 'freeze',
  },
  { keys: ['tab'], shown: 'Tab', action: { do: 'next-view', by: 1 }, modes: LIST, help: 'next view' },
  { keys: ['shift-tab'], shown: 'Shift-Tab', action: { do: 'next-view', by: -1 }, modes: LIST, help: 'view before' },
  {
    keys: ['pagedown', 'ctrl-f'],
    shown: 'PgDn',
    action: { do: 'page', by: 1 },
    modes: LIST,
    help: 'a page down',
  },
  {
    keys: [' '],
    shown: 'Space',
    action: { do: 'mark' },
    modes: LIST,
    help: 'mark the row: p, t and r are about all that are marked',
  },
  {
    keys: ['pagedown', ' ', 'ctrl-f'],
    shown: 'Space',
    action: { do: 'page', by: 1 },
    modes: ['pane', 'help'],
    help: 'a page down, where there are no rows',
  },
  {
    keys: ['pageup', 'b', 'ctrl-b'],
    shown: 'b',
    action: { do: 'page', by: -1 },
    modes: ANY,
    help: 'a page up (or PgUp)',
  },
  { keys: ['home', 'g'], shown: 'g', action: { do: 'edge', to: 'first' }, modes: ANY, help: 'first row (or Home)' },
  { keys: ['end', 'G'], shown: 'G', action: { do: 'edge', to: 'last' }, modes: ANY, help: 'last row (or End)' },
  {
    keys: ['y'],
    shown: 'y',
    action: { do: 'copy' },
    modes: ['list', 'pane'],
    help: 'copy the reference (where the terminal allows it)',
  },
  { keys: ['ctrl-l'], shown: 'Ctrl-L', action: { do: 'redraw' }, modes: ANY, help: 'draw everything anew' },
  { keys: ['?'], shown: '?', action: { do: 'help' }, modes: ANY, help: 'these keys', footer: 'help' },
  { keys: ['q'], shown: 'q', action: { do: 'quit' }, modes: ANY, help: 'quit', footer: 'quit' },
  {
    keys: ['ctrl-c'],
    shown: 'Ctrl-C',
    action: { do: 'interrupt' },
    modes: [...ANY, 'form'],
    help: 'quit, with exit code 130',
  },
]

/** What changes something: each opens a form, and nothing is done before Enter there. */
function acts(): readonly Binding[] {
  const form = (key: string, kind: FormKind, help: string, footer?: string): Binding => {
    return { keys: [key], shown: key, action: { do: 'form', kind }, modes: THINGS, help, ...(footer ? { footer } : {}) }
  }
  return [
    form('p', 'pause', 'pause what the cursor is on, for a time', 'pause'),
    form('t', 'throttle', 'throttle or limit it, for a time', 'throttle'),
    form('r', 'resume', 'resume it: lift every control on it', 'resume'),
    form('e', 'extend', 'extend its control'),
    form('u', 'lift', 'undo the last control made here; in view 8 the one there', 'undo'),
    form('C', 'cancel', 'cancel the run under the cursor'),
    {
      keys: ['enter'],
      shown: 'Enter',
      action: { do: 'apply' },
      modes: FORM,
      help: 'in a form: do it',
      footer: 'do it',
    },
    {
      keys: ['esc'],
      shown: 'Esc',
      action: { do: 'back' },
      modes: FORM,
      help: 'in a form: put it away',
      footer: 'leave',
    },
    {
      keys: ['left'],
      shown: 'Left',
      action: { do: 'type', key: 'left' },
      modes: FORM,
      help: 'in a form: for a shorter time',
    },
    {
      keys: ['right'],
      shown: '←/→',
      action: { do: 'type', key: 'right' },
      modes: FORM,
      help: 'in a form: for a longer time',
      footer: 'how long',
    },
    {
      keys: ['tab', 'shift-tab'],
      shown: 'Tab',
      action: { do: 'field' },
      modes: FORM,
      help: 'in a form: the other field',
      footer: 'field',
    },
  ]
}

export function actionOf(key: string, mode: Mode): TopAction | null {
  return BINDINGS.find(({ keys, modes }) => modes.includes(mode) && keys.includes(key))?.action ?? null
}

/** The flags that ink gives with an input, as far as they are used here. */
export interface InkKey {
  readonly leftArrow: boolean
  readonly rightArrow: boolean
  readonly upArrow: boolean
  readonly downArrow: boolean
  readonly pageUp: boolean
  readonly pageDown: boolean
  readonly home: boolean
  readonly end: boolean
  readonly return: boolean
  readonly escape: boolean
  readonly tab: boolean
  readonly shift: boolean
  readonly ctrl: boolean
  readonly meta: boolean
  readonly backspace: boolean
  readonly delete: boolean
}

/** One input of ink as names of keys: fast typing and pasting come as several characters at once. */
export function keyNames(input: string, key: InkKey): readonly string[] {
  if (key.leftArrow) return ['left']
  if (key.rightArrow) return ['right']
  if (key.upArrow) return ['up']
  if (key.downArrow) return ['down']
  if (key.pageUp) return ['pageup']
  if (key.pageDown) return ['pagedown']
  if (key.home) return ['home']
  if (key.end) return ['end']
  if (key.return) return ['enter']
  if (key.escape) return ['esc']
  if (key.tab) return [key.shift ? 'shift-tab' : 'tab']
  // Terminals disagree on what Backspace sends; ink calls DEL "delete".
  if (key.backspace || key.delete) return ['backspace']
  if (key.ctrl) return [`ctrl-${input}`]
  if (key.meta) return []
  return [...input].map((char) => (char === '\r' || char === '\n' ? 'enter' : char))
}
