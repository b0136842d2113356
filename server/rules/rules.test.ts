import { expect, test } from 'vitest'
import { type GroupFacts, judgeGroup } from './group.ts'
import { judgeQueue, type QueueFacts, type QueueFlow } from './queue.ts'
import { judgeRun } from './run.ts'
import { judgeSource, judgeTopic } from './source.ts'
import { judgeAll, pain, staleReason } from './verdict.ts'

const objective = { queueWaitMs: 300_000, groupLagMs: 300_000 }

const healthyQueue: QueueFacts & QueueFlow = {
  ...{ depth: 5, consumers: 2, oldestAgeMs: 1_000, estimated: [], trouble: null, pausedBy: 'nobody', role: 'work' },
  ...{ inPerSecond: 10, outPerSecond: 10, failedPerSecond: 0, depthChange5m: 0 },
}
const unknownQueue: QueueFacts & QueueFlow = {
  ...healthyQueue,
  ...{ depth: null, consumers: null, oldestAgeMs: null, inPerSecond: null, outPerSecond: null },
  ...{ failedPerSecond: null, depthChange5m: null },
}

test.each<[string, Partial<QueueFacts & QueueFlow>, string, string[]]>([
  ['healthy', {}, 'fine', []],
  ['empty without consumers', { depth: 0, consumers: 0 }, 'fine', []],
  ['waiting without consumers', { consumers: 0 }, 'warning', ['5 waiting and no consumer']],
  [
    'waiting long without consumers',
    { consumers: 0, oldestAgeMs: 600_000 },
    'critical',
    ['oldest 10 m, objective 5 m', '5 waiting and no consumer'],
  ],
  ['over its objective and not shrinking', { oldestAgeMs: 860_000 }, 'critical', ['oldest 14 m 20 s, objective 5 m']],
  [
    'over its objective and shrinking',
    { oldestAgeMs: 860_000, outPerSecond: 20 },
    'warning',
    ['oldest 14 m 20 s, objective 5 m'],
  ],
  [
    'over it by an estimate',
    { oldestAgeMs: 860_000, estimated: ['oldestAgeMs'] },
    'critical',
    ['oldest ~14 m 20 s, objective 5 m'],
  ],
  [
    'growing',
    { depth: 1_000, depthChange5m: 900, outPerSecond: 7 },
    'warning',
    ['growing, +900 in 5 m, in 10/s out 7/s'],
  ],
  ['grown, and draining now', { depth: 1_000, depthChange5m: 900, outPerSecond: 70 }, 'fine', []],
  ['growing from nothing to little', { depth: 20, depthChange5m: 20 }, 'fine', []],
  [
    'with sagas that wait for a person',
    { sagas: { open: 9, stuck: 2 } },
    'warning',
    ['2 sagas stuck: a person has to say how to go on'],
  ],
  ['with sagas under way', { sagas: { open: 9, stuck: 0 } }, 'fine', []],
  ['failing', { failedPerSecond: 4 }, 'warning', ['40 % of jobs fail']],
  ['down', { trouble: 'down' }, 'critical', ['the broker says: down']],
  ['in flow', { trouble: 'flow' }, 'notice', ['the broker says: flow']],
  [
    'paused elsewhere with a backlog',
    { pausedBy: 'elsewhere', oldestAgeMs: 600_000 },
    'notice',
    ['paused elsewhere', 'oldest 10 m, objective 5 m'],
  ],
  ['a retry queue waiting its time', { role: 'retry', consumers: 0, oldestAgeMs: 600_000 }, 'fine', []],
  [
    'a dead-letter queue with letters',
    { role: 'dead-letter', consumers: 0, oldestAgeMs: 600_000 },
    'notice',
    ['5 dead letters'],
  ],
])('a queue %s is judged so', (_, facts, severity, reasons) => {
  const all = { ...healthyQueue, ...facts }
  expect(judgeQueue(all, all, objective)).toEqual({ severity, reasons })
})

test('a queue of which nothing is known is not accused', () => {
  expect(judgeQueue(unknownQueue, unknownQueue, objective)).toEqual({ severity: 'fine', reasons: [] })
})

const healthyGroup: GroupFacts = {
  ...{ state: 'stable', members: 3, lag: 10, lagMs: 100, lagMsEstimated: false },
  ...{ lostPartitions: 0, lostRecords: 0, lagChange5m: 0 },
}

test.each<[string, Partial<GroupFacts>, string, string[]]>([
  ['healthy', {}, 'fine', []],
  ['without commits', { lag: null, lagMs: null, lagChange5m: null }, 'fine', []],
  ['empty and caught up', { members: 0, state: 'empty', lag: 0, lagMs: 0 }, 'fine', []],
  ['empty with lag', { members: 0, state: 'empty' }, 'warning', ['10 records behind and no member']],
  ['behind', { lagMs: 370_000, lagMsEstimated: true }, 'critical', ['~6 m 10 s behind, objective 5 m']],
  ['behind and catching up', { lagMs: 370_000, lagChange5m: -5 }, 'warning', ['6 m 10 s behind, objective 5 m']],
  [
    'passed by retention',
    { lostPartitions: 1, lostRecords: 1_200 },
    'critical',
    ['data lost: retention passed the reader by 1.2k records in 1 partition'],
  ],
  ['rebalancing', { state: 'rebalancing' }, 'notice', ['rebalancing']],
])('a group %s is judged so', (_, facts, severity, reasons) => {
  expect(judgeGroup({ ...healthyGroup, ...facts }, objective)).toEqual({ severity, reasons })
})

test('alarms and gaps of a source, and replicas behind, are said', () => {
  const node = {
    ...{ name: 'n1', role: null, version: null, memoryBytes: null, memoryLimitBytes: null, connections: null },
    alarms: ['memory alarm'],
  }
  const gap = { what: 'topic sizes', code: 'refused', message: 'needs DESCRIBE' } as const
  expect(judgeSource([node], [gap])).toEqual({
    severity: 'warning',
    reasons: ['n1: memory alarm', 'cannot read topic sizes: needs DESCRIBE'],
  })
  expect(judgeTopic({ underReplicated: 2, partitions: 6 }).severity).toBe('warning')
  expect(judgeTopic({ underReplicated: null, partitions: 6 }).severity).toBe('fine')
})

test.each([
  [[], ['live', 'live'], 'fine', 'All clear · 2 sources live · nothing paused'],
  [[], ['live', 'stale'], 'unknown', 'No problem seen · s1 unknown'],
  [[], ['waiting'], 'unknown', 'No problem seen · s0 unknown'],
  [[], [], 'notice', 'No source is connected'],
  [
    [{ ref: 'r/q', severity: 'critical', reasons: ['oldest 10 m'] }],
    ['stale'],
    'critical',
    '1 problem · worst: r/q, oldest 10 m · s0 unknown',
  ],
] as const)('the verdict on %j with sources %j is %s', (problems, states, severity, sentence) => {
  const sources = states.map((state, index) => ({ source: `s${index}`, state }))
  expect(judgeAll(problems, sources)).toEqual({ severity, sentence, problems: problems.length })
})

test.each([
  [{ paused: 2, controls: 3 }, 'All clear · 1 source live · 2 paused'],
  [{ paused: 0, controls: 1 }, 'All clear · 1 source live · 1 control in force'],
])('what is held back is said: %j', (held, sentence) => {
  expect(judgeAll([], [{ source: 'r', state: 'live' }], held).sentence).toBe(sentence)
})

test('severity outranks any wait, and the wait is measured by its objective', () => {
  const fine = { severity: 'fine', reasons: [] } as const
  const warning = { severity: 'warning', reasons: [] } as const
  const facts = (waitMs: number | null, objectiveMs: number) => ({ waitMs, objectiveMs, change5m: null })
  expect(pain(warning, facts(0, 1))).toBeGreaterThan(pain(fine, facts(1e12, 1)))
  expect(pain(fine, facts(100, 10))).toBeGreaterThan(pain(fine, facts(500, 1_000)))
})

test('a stale source says when it was last seen and why it is not now', () => {
  expect(staleReason({ message: 'connection refused' }, 120_000)).toBe('last seen 2 m ago · connection refused')
  expect(staleReason({ message: 'connection refused' }, null)).toBe('never seen · connection refused')
})

const pausedByAna = { sentence: 'paused', actor: 'ana', expiresAtMs: Date.UTC(2026, 2, 2, 14, 32) }

test.each<[string, Partial<QueueFacts & QueueFlow>, string, RegExp[]]>([
  ['empty', { depth: 0 }, 'notice', []],
  ['over its objective', { oldestAgeMs: 860_000 }, 'notice', [/^oldest 14 m 20 s/]],
  ['without consumers', { consumers: 0 }, 'notice', [/no consumer/]],
  ['growing', { depth: 1_000, depthChange5m: 900, outPerSecond: 0 }, 'notice', [/^growing/]],
])('a queue that somebody paused and that is %s alarms nobody, and says who asked', (_, more, severity, reasons) => {
  const all = { ...healthyQueue, ...more }
  const judgement = judgeQueue(all, all, objective, pausedByAna)
  expect(judgement.severity).toBe(severity)
  const [asked, ...others] = judgement.reasons
  expect(asked).toMatch(/^paused by ana until \d\d:\d\d: someone asked for this$/)
  expect(others).toHaveLength(reasons.length)
  for (const [at, reason] of reasons.entries()) expect(others[at]).toMatch(reason)
})

test('under a control jobs that fail still fail, and a broker in trouble is still in trouble', () => {
  const failing = { ...healthyQueue, failedPerSecond: 4 }
  expect(judgeQueue(failing, failing, objective, pausedByAna).severity).toBe('warning')
  const down: QueueFacts & QueueFlow = { ...healthyQueue, trouble: 'down' }
  expect(judgeQueue(down, down, objective, pausedByAna)).toEqual({
    severity: 'critical',
    reasons: ['the broker says: down'],
  })
})

test('a run that stands still is a problem, one that moves is none', () => {
  expect(judgeRun({ stalledMs: null })).toEqual({ severity: 'fine', reasons: [] })
  expect(judgeRun({ stalledMs: 130_000 })).toEqual({
    severity: 'warning',
    reasons: ['stalled: no item finished for 2 m 10 s'],
  })
})

test('the verdict says what is paused, and never that nothing is while a source is unknown', () => {
  const live = [{ source: 's', state: 'live' }] as const
  expect(judgeAll([], live, { paused: 2, controls: 0 }).sentence).toBe('All clear · 1 source live · 2 paused')
  expect(judgeAll([], [...live, { source: 'r', state: 'stale' }], { paused: 0, controls: 0 }).sentence).toBe(
    'No problem seen · r unknown',
  )
  const problem = { ref: 's/mail', severity: 'critical', reasons: ['oldest 9 m'] } as const
  expect(judgeAll([problem], live, { paused: 1, controls: 0 }).sentence).toBe(
    '1 problem · worst: s/mail, oldest 9 m · 1 paused',
  )
})
