import type { ControlList } from '../../server/api/control.ts'
import { listPath } from '../../server/api/paths.ts'
import { CONTROL_COLUMNS } from '../columns/control-columns.ts'
import { type Asked, place, type View } from './view.ts'

/** Marks that are wrong. */
const NOT_HELD: readonly string[] = ['not-effective', 'missing', 'unknown']

/** The living controls and then the ended: the server has one order of them. */
export const CONTROLS: View = {
  title: 'Controls',
  columns: place(CONTROL_COLUMNS, [
    ['phase', 15, 0, null],
    ['target', 22, 0, null],
    ['order', 17, 0, null],
    ['expiresAtMs', 8, 0, null],
    ['actor', 8, 1, null, 'BY'],
    ['obeying', 5, 4, null],
    ['workers', 5, 5, null],
    ['inHand', 7, 6, null],
    ['reason', 16, 2, null],
  ]),
  defaultSort: { field: 'end', descending: false },
  paths: (asked) => [controlsPath(asked)],
  rows: (bodies, asked) => {
    const body = bodies.get(controlsPath(asked)) as ControlList | undefined
    if (!body) return null
    const shown = body.items.filter(({ phase }) => !asked.faults || NOT_HELD.includes(phase))
    const items = shown.map((row) => ({ ...row, ref: row.id }))
    return { ...body, items, total: asked.faults ? items.length : body.total }
  },
}

function controlsPath({ filter, source, offset, limit }: Asked): string {
  return listPath('controls', { state: 'all', filter, source: source ?? undefined, offset, limit })
}
