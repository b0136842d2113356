import { describe, expect, it } from 'vitest'
import type { ControlText, Scope } from '../../runtime/layout/control-text.ts'
import type { WorkerBeat } from '../../runtime/layout/worker-beat.ts'
import { type ControlFound, type LiveWorker, placedControls } from './sluice-controls.ts'
import { type ControlInQueue, sluiceQueue } from './sluice-row.ts'

const queueNamed = (name: string) => sluiceQueue('sluice', name, ['sluice'])
const [a, b, c] = ['a', 'b', 'c'].map(queueNamed) as [ReturnType<typeof queueNamed>, ...ReturnType<typeof queueNamed>[]]
const all = [a, b, c].filter((queue) => queue !== undefined)

function found(
  queue: ReturnType<typeof queueNamed>,
  text: Partial<ControlText> = {},
  inQueue: Partial<ControlInQueue> = {},
): ControlFound {
  const scope: Scope = text.scope ?? 'tag'
  const control = {
    ...{
      id: 'ctl_1',
      order: { verb: 'pause' as const },
      scope,
      name: scope === 'queue' ? null : 'slow',
      issuedAtMs: 1,
    },
    ...{ expiresAtMs: 2, revision: 1, placedAtMs: 1, placedRevision: 4, startsBefore: 10 },
    ...{ tail: 'slow', reason: 'disk is full', actor: 'ana', ...text },
  }
  const here = { id: control.id, text: '', inHand: 1, heldBack: 2, starts: 10, disobeyedBy: [], ...inQueue }
  return { queue, text: control, inQueue: here }
}

function worker(id: string, serves: readonly string[], obeys: Record<string, number>): LiveWorker {
  const beat = { id, serves, obeys } as unknown as WorkerBeat
  return { prefix: 'sluice', beat }
}

describe('placedControls', () => {
  it('one control in many queues is one entry, and says where it is missing', () => {
    const [placed, ...others] = placedControls('redis-main', [found(a), found(all[1]!)], { all, live: [] })
    expect(others).toEqual([])
    expect(placed).toMatchObject({
      control: { id: 'ctl_1', target: { kind: 'tag', source: 'redis-main', tail: 'slow' }, revision: 1 },
      ...{ queues: ['a', 'b'], missing: ['c'], inHand: 2, heldBack: 4, startsSince: 0 },
    })
  })

  it('a queue that holds an older revision lacks the control', () => {
    const [placed] = placedControls('s', [found(a, { revision: 2 }), found(all[1]!, { revision: 1 })], {
      all,
      live: [],
    })
    expect(placed).toMatchObject({ control: { revision: 2 }, queues: ['a'], missing: ['b', 'c'] })
  })

  it.each(['queue', 'run'] as const)('a control on a %s should lie nowhere else', (scope) => {
    expect(placedControls('s', [found(a, { scope })], { all, live: [] })[0]?.missing).toEqual([])
  })

  it('a worker has confirmed when it has read every queue of it that it serves', () => {
    const live = [
      worker('both', ['a', 'b'], { a: 4, b: 9 }),
      worker('half', ['a', 'b'], { a: 4, b: 3 }),
      worker('one', ['a'], { a: 5 }),
      worker('old', ['b'], {}),
      worker('other', ['z'], {}),
      { ...worker('elsewhere', ['a'], {}), prefix: 'shop' },
    ]
    const [placed] = placedControls('s', [found(a), found(all[1]!)], { all, live })
    expect(placed).toMatchObject({ obeyedBy: ['both', 'one'], notYet: ['half', 'old'] })
  })

  it('starts are those since it was placed; where one queue does not count them they cannot be told', () => {
    const since = (starts: number | null) =>
      placedControls('s', [found(a, {}, { starts: 13 }), found(all[1]!, {}, { starts })], { all, live: [] })[0]
        ?.startsSince
    expect([since(10), since(12), since(null), since(3)]).toEqual([3, 5, null, 3])
  })

  it('who disobeys in several queues is named once', () => {
    const same = [found(a, {}, { disobeyedBy: ['x', 'y'] }), found(all[1]!, {}, { disobeyedBy: ['y'] })]
    expect(placedControls('s', same, { all, live: [] })[0]?.disobeyedBy).toEqual(['x', 'y'])
  })
})
