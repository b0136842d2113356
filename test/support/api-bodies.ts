import type { ControlBody, ControlRow, Preview } from '../../server/api/control.ts'
import type { Freshness, History, SourceAge } from '../../server/api/freshness.ts'
import type { GroupBody, GroupRow, PositionRow } from '../../server/api/group.ts'
import type { JobRow } from '../../server/api/job.ts'
import type { HotRow, OverviewBody } from '../../server/api/overview.ts'
import type { QueueBody, QueueRow } from '../../server/api/queue.ts'
import type { RunBody, RunRow } from '../../server/api/run.ts'
import type { SourceBody, SourceRow } from '../../server/api/source.ts'
import type { TopicBody, TopicRow } from '../../server/api/topic.ts'
import type { WorkerRow } from '../../server/api/worker.ts'

/** Bodies of the API for tests of screens, each complete and each changed by what the test is about. */

export const NOW_MS = Date.UTC(2026, 2, 2, 13, 3, 12)

export function aSourceAge(more: Partial<SourceAge> = {}): SourceAge {
  return {
    source: 'redis-main',
    kind: 'redis',
    state: 'live',
    observedAtMs: NOW_MS - 2_000,
    intervalMs: 2_000,
    nextTryAtMs: NOW_MS,
    error: null,
    gaps: 0,
    ...more,
  }
}

export const KAFKA_AGE = aSourceAge({ source: 'kafka-eu', kind: 'kafka', observedAtMs: NOW_MS - 4_000 })
export const STALE_RABBIT = aSourceAge({
  source: 'rabbit-1',
  kind: 'rabbitmq',
  state: 'stale',
  observedAtMs: NOW_MS - 128_000,
  nextTryAtMs: NOW_MS + 8_000,
  error: { code: 'unreachable', message: '127.0.0.1:5672: connection refused' },
})

export function freshness(sources: SourceAge[] = [aSourceAge(), STALE_RABBIT, KAFKA_AGE]): Freshness {
  return { asOfMs: NOW_MS, sources }
}

/** Sixty points that rise from 0 to `to`, the first ones not observed. */
export function rising(to: number, unknown = 8): (number | null)[] {
  return Array.from({ length: 60 }, (_, at) =>
    at < unknown ? null : Math.round((to * (at - unknown)) / (59 - unknown)),
  )
}

export function aHistory(series: Record<string, (number | null)[]>): History {
  return { startMs: NOW_MS - 3_600_000, stepMs: 60_000, series }
}

export function aQueueRow(more: Partial<QueueRow> = {}): QueueRow {
  return {
    ref: 'redis-main/emails',
    source: 'redis-main',
    vhost: null,
    name: 'emails',
    system: 'bullmq',
    role: 'work',
    severity: 'fine',
    reasons: [],
    pausedBy: 'nobody',
    depth: 12,
    active: 6,
    delayed: 0,
    retrying: 0,
    dead: 0,
    oldestAgeMs: 1_400,
    consumers: 2,
    added: 1_000,
    finished: 980,
    failed: 2,
    redelivered: null,
    inPerSecond: 4.2,
    outPerSecond: 4.1,
    failedPerSecond: 0,
    redeliveredPerSecond: null,
    depthChange5m: 0,
    drain: 'draining',
    drainMs: 3_000,
    estimated: [],
    trouble: null,
    idleSinceMs: null,
    observedAtMs: NOW_MS - 2_000,
    trend: rising(12),
    ...more,
  }
}

export function aGroupRow(more: Partial<GroupRow> = {}): GroupRow {
  return {
    ref: 'group/kafka-eu/orders',
    source: 'kafka-eu',
    name: 'orders',
    protocol: 'classic',
    state: 'stable',
    severity: 'fine',
    reasons: [],
    members: 6,
    topics: ['orders.eu'],
    partitions: 12,
    lag: 120,
    lagMs: 800,
    lagMsEstimated: false,
    lagChange5m: -40,
    inPerSecond: 310,
    outPerSecond: 312,
    drain: 'draining',
    drainMs: 60_000,
    lostPartitions: 0,
    lostRecords: 0,
    observedAtMs: NOW_MS - 4_000,
    trend: rising(120),
    ...more,
  }
}

export function aTopicRow(more: Partial<TopicRow> = {}): TopicRow {
  return {
    ref: 'topic/kafka-eu/orders.eu',
    source: 'kafka-eu',
    vhost: null,
    name: 'orders.eu',
    system: 'kafka',
    severity: 'fine',
    reasons: [],
    partitions: 12,
    internal: false,
    replicationFactor: 3,
    underReplicated: 0,
    records: 9_960_118,
    bytes: 12_400_000_000,
    readers: null,
    groups: 2,
    inPerSecond: 310,
    observedAtMs: NOW_MS - 4_000,
    trend: rising(310),
    ...more,
  }
}

export function aWorkerRow(more: Partial<WorkerRow> = {}): WorkerRow {
  return {
    ref: 'worker/redis-main/mailer-3',
    source: 'redis-main',
    system: 'sidekiq',
    id: 'mailer-3',
    host: 'app-7',
    pid: 4711,
    version: '7.3.2',
    serves: ['emails'],
    capacity: 10,
    busy: 6,
    phase: 'running',
    startedAtMs: NOW_MS - 7_500_000,
    beatAtMs: NOW_MS - 3_000,
    observedAtMs: NOW_MS - 2_000,
    ...more,
  }
}

export function aRunRow(more: Partial<RunRow> = {}): RunRow {
  return {
    ref: 'run/redis-main/8f3c',
    saga: null,
    source: 'redis-main',
    system: 'sluice',
    id: '8f3c',
    job: 'backfill-invoices',
    queue: 'slow',
    queueRef: 'redis-main/slow',
    status: 'running',
    attempt: 2,
    interruptions: 3,
    tickCount: 438_200,
    tickTotal: 1_200_000,
    cursor: '"inv_0043"',
    startedAtMs: NOW_MS - 3_600_000,
    tickedAtMs: NOW_MS - 1_000,
    runningMs: 2_100_000,
    error: null,
    crashes: 0,
    perSecond: 212,
    etaFromMs: NOW_MS + 3_300_000,
    etaToMs: NOW_MS + 4_200_000,
    stalledMs: null,
    worker: 'worker/redis-main/api-7',
    observedAtMs: NOW_MS - 2_000,
    ...more,
  }
}

export function aRunBody(run: RunRow, more: Partial<RunBody> = {}): RunBody {
  return {
    ...freshness(),
    run,
    moves: ['pause', 'throttle', 'cancel'],
    controls: [],
    history: aHistory({ tickCount: rising(run.tickCount ?? 0), perSecond: rising(run.perSecond ?? 0) }),
    ...more,
  }
}

export function aJobRow(more: Partial<JobRow> = {}): JobRow {
  return {
    id: '8f3c',
    job: 'Mail',
    state: 'dead',
    tags: [],
    enqueuedAtMs: NOW_MS - 120_000,
    atMs: NOW_MS - 60_000,
    attempt: 5,
    interruptions: 0,
    crashes: 0,
    error: 'Timeout after 30 s',
    deadReason: 'retries-exhausted',
    worker: null,
    args: '{"to":"a@x.io"}',
    argsBytes: 15,
    version: 1,
    ...more,
  }
}

export function aControlRow(more: Partial<ControlRow> = {}): ControlRow {
  return {
    id: 'ctl_7Qa2Zk91Bc',
    target: 'redis-main/emails',
    source: 'redis-main',
    order: { verb: 'pause' },
    sentence: 'paused',
    reason: 'SMTP answers 429, INC-482',
    actor: 'ana',
    issuedAtMs: NOW_MS - 60_000,
    expiresAtMs: NOW_MS + 840_000,
    revision: 1,
    phase: 'in-effect',
    phaseSinceMs: NOW_MS - 50_000,
    detail: 'confirmed by 6 of 6 workers, nothing in hand',
    inHand: 0,
    heldBack: null,
    startsSince: 0,
    obeying: 6,
    workers: 6,
    endedAtMs: null,
    endedBy: null,
    ...more,
  }
}

export function aControlBody(control: ControlRow, more: Partial<ControlBody> = {}): ControlBody {
  return {
    ...freshness(),
    control,
    steps: [
      { phase: 'requested', atMs: control.issuedAtMs },
      { phase: control.phase, atMs: control.phaseSinceMs },
    ],
    workers: [
      {
        ref: 'worker/redis-main/api-7',
        ...{ obeys: true, disobeys: false, version: '1', beatAtMs: NOW_MS - 1_000, skewMs: 3 },
      },
    ],
    queues: ['emails'],
    missing: [],
    ...more,
  }
}

export function aPreview(more: Partial<Preview> = {}): Preview {
  return {
    ...freshness([aSourceAge()]),
    fingerprint: 'fp-1',
    targets: [aPreviewTarget()],
    matched: 1,
    controllable: 1,
    unmatched: [],
    untilMs: NOW_MS + 900_000,
    staleSources: [],
    alsoTouched: [],
    goesOn: 'enqueueing, schedules, work in hand',
    ...more,
  }
}

export function aPreviewTarget(more: Partial<Preview['targets'][number]> = {}): Preview['targets'][number] {
  return {
    ref: 'redis-main/emails',
    system: 'sluice',
    lever: { by: 'workers', how: 'read inside the claim', caveat: null },
    workers: 6,
    inHand: 6,
    depth: 77_400,
    inPerSecond: 90,
    outPerSecond: 49,
    outAfterPerSecond: 0,
    depthAtEnd: 158_400,
    oldestAtEndMs: 1_740_000,
    drainMs: null,
    notes: ['does not drain at today’s rates'],
    existing: [],
    ...more,
  }
}

export function aSourceRow(more: Partial<SourceRow> = {}): SourceRow {
  return {
    ...aSourceAge(),
    ref: more.source ?? 'redis-main',
    severity: 'fine',
    reasons: [],
    systems: [{ name: 'bullmq', version: '6.7', cannotTell: {} }],
    queues: 400,
    topics: null,
    groups: null,
    workers: 6,
    tookMs: 12,
    commands: 14,
    bytesSent: 9_100,
    bytesRead: 41_200,
    ...more,
  }
}

export function aHotRow(more: Partial<HotRow> = {}): HotRow {
  return {
    kind: 'queue',
    ref: 'redis-main/emails',
    source: 'redis-main',
    name: 'emails',
    severity: 'fine',
    reasons: [],
    pausedBy: 'nobody',
    waitMs: 1_400,
    waitEstimated: false,
    amount: 12,
    unit: 'jobs',
    change5m: 0,
    inPerSecond: 4.2,
    outPerSecond: 4.1,
    failRatio: 0,
    consumers: 2,
    drain: 'draining',
    drainMs: 3_000,
    observedAtMs: NOW_MS - 2_000,
    trend: rising(12),
    ...more,
  }
}

/** An evening with a fire, a group behind, a queue paused elsewhere, and a broker that does not answer. */
export const HOT_ROWS: readonly HotRow[] = [
  aHotRow({
    severity: 'critical',
    reasons: ['oldest 14 m 20 s, objective 5 m', 'growing, +12.3k in 5 m, in 90/s out 49/s'],
    waitMs: 860_000,
    amount: 77_400,
    change5m: 12_300,
    inPerSecond: 90,
    outPerSecond: 49,
    failRatio: 0.04,
    consumers: 6,
    drain: 'never',
    drainMs: null,
    trend: rising(77_400),
  }),
  aHotRow({
    kind: 'group',
    ref: 'group/kafka-eu/orders',
    source: 'kafka-eu',
    name: 'orders',
    severity: 'warning',
    reasons: ['lag ~6 m 10 s, objective 5 m'],
    waitMs: 370_000,
    waitEstimated: true,
    amount: 1_900_000,
    unit: 'records',
    change5m: 510_000,
    inPerSecond: 5_100,
    outPerSecond: 3_400,
    failRatio: null,
    consumers: 4,
    drain: 'never',
    drainMs: null,
    trend: rising(1_900_000),
  }),
  aHotRow({
    ref: 'rabbit-1/audit',
    source: 'rabbit-1',
    name: 'audit',
    severity: 'unknown',
    reasons: ['last seen 2 m 08 s ago · 127.0.0.1:5672: connection refused'],
    unit: 'messages',
    waitMs: null,
    amount: 310,
    change5m: null,
    inPerSecond: null,
    outPerSecond: null,
    failRatio: null,
    consumers: 1,
    drain: 'unknown',
    drainMs: null,
    observedAtMs: NOW_MS - 128_000,
    trend: [...rising(310).slice(0, 50), ...Array.from({ length: 10 }, () => null)],
  }),
  aHotRow({
    ref: 'redis-main/payments-sync',
    name: 'payments-sync',
    severity: 'notice',
    reasons: ['paused elsewhere'],
    pausedBy: 'elsewhere',
    waitMs: 1_368_000,
    amount: 2_200,
    change5m: 480,
    inPerSecond: 1.6,
    outPerSecond: 0,
    failRatio: null,
    consumers: 0,
    drain: 'never',
    drainMs: null,
    trend: rising(2_200),
  }),
  ...Array.from({ length: 16 }, (_, at) =>
    aHotRow({
      ref: `redis-main/job-${at + 1}`,
      name: `job-${at + 1}`,
      waitMs: 1_400 - at * 80,
      amount: 40 - at * 2,
      inPerSecond: 12 - at / 2,
      outPerSecond: 12 - at / 2,
      drain: at === 15 ? 'idle' : 'draining',
      trend: Array.from({ length: 60 }, (_, minute) => 20 + Math.round(18 * Math.sin((minute + at * 7) / 6))),
    }),
  ),
]

export function anOverview(more: Partial<OverviewBody> = {}): OverviewBody {
  return {
    ...freshness(),
    verdict: {
      severity: 'critical',
      sentence: '2 problems · worst: redis-main/emails, oldest 14 m 20 s, objective 5 m · rabbit-1 unknown',
      problems: 2,
    },
    fires: HOT_ROWS.slice(0, 2).map(({ kind, ref, severity, reasons, waitMs, waitEstimated, trend }) => ({
      ...{ kind, ref, severity, reasons, waitMs, waitEstimated, trend },
      sinceMs: NOW_MS - 1_020_000,
    })),
    firesTotal: 2,
    kinds: [
      {
        ...{ kind: 'redis', sources: ['redis-main'], unknown: [], amount: 79_600, unit: 'jobs', inPerSecond: 310 },
        ...{ outPerSecond: 268, failedPerSecond: 0.2, retrying: 1_900, dead: 40, paused: 1, rebalancing: 0 },
        worst: { ref: 'redis-main/emails', name: 'emails', waitMs: 860_000, waitEstimated: false },
        trend: rising(79_600),
      },
      {
        ...{ kind: 'rabbitmq', sources: ['rabbit-1'], unknown: ['rabbit-1'], amount: null, unit: 'messages' },
        ...{ inPerSecond: null, outPerSecond: null, failedPerSecond: null, retrying: null, dead: null, paused: 0 },
        ...{ rebalancing: 0, worst: null, trend: null },
      },
      {
        ...{
          kind: 'kafka',
          sources: ['kafka-eu'],
          unknown: [],
          amount: 1_900_000,
          unit: 'records',
          inPerSecond: 5_100,
        },
        ...{ outPerSecond: 3_400, failedPerSecond: null, retrying: null, dead: null, paused: 0, rebalancing: 1 },
        worst: { ref: 'group/kafka-eu/orders', name: 'orders', waitMs: 370_000, waitEstimated: true },
        trend: rising(1_900_000),
      },
    ],
    hot: [...HOT_ROWS],
    hotTotal: 412,
    counts: { queues: 400, topics: 9, groups: 12, runs: 0, workers: 6 },
    ...more,
  }
}

export function aQueueBody(queue: QueueRow): QueueBody {
  return {
    ...freshness(),
    queue,
    limit: null,
    deadLetter: null,
    feeds: [],
    sagas: null,
    cannotTell: {},
    history: aHistory({
      depth: rising(queue.depth ?? 0),
      inPerSecond: rising(90),
      outPerSecond: rising(49),
      oldestAgeMs: rising(860_000),
    }),
    workers: [aWorkerRow()],
    runs: [],
  }
}

export function aPosition(more: Partial<PositionRow> = {}): PositionRow {
  return {
    topic: 'orders.eu',
    partition: 7,
    committed: 9_650_004,
    start: 0,
    end: 9_960_118,
    lag: 310_114,
    lagMs: 370_000,
    lagMsBasis: 'estimate',
    owner: 'mailer-3',
    ...more,
  }
}

export function aGroupBody(group: GroupRow, more: Partial<GroupBody> = {}): GroupBody {
  const positions = [
    aPosition(),
    aPosition({ partition: 3, committed: 9_959_998, lag: 120, lagMs: 400, lagMsBasis: 'exact', owner: 'mailer-1' }),
    aPosition({ partition: 8, committed: null, lag: null, lagMs: null, lagMsBasis: 'no-commit', owner: null }),
  ]
  return {
    ...freshness(),
    group,
    positions,
    positionsTotal: positions.length,
    members: [
      { id: 'mailer-3-uuid', clientId: 'mailer-3', host: '/10.0.0.7', partitions: 1, moving: null },
      { id: 'mailer-1-uuid', clientId: 'mailer-1', host: '/10.0.0.5', partitions: 1, moving: null },
      { id: 'idle-uuid', clientId: 'idle-9', host: '/10.0.0.9', partitions: 0, moving: null },
    ],
    history: aHistory({
      lag: rising(1_900_000),
      lagMs: rising(370_000),
      inPerSecond: rising(5_100),
      outPerSecond: rising(3_400),
    }),
    ...more,
  }
}

export function aTopicBody(topic: TopicRow): TopicBody {
  return {
    ...freshness(),
    topic,
    detail: [{ partition: 0, leader: 1, replicas: [1, 2, 3], inSync: [1, 2], start: 0, end: 9_960_118 }],
    groups: [{ ref: 'group/kafka-eu/orders', name: 'orders', lag: 1_900_000, lagMs: 370_000 }],
    history: aHistory({ inPerSecond: rising(310), records: rising(9_960_118) }),
  }
}

export function aSourceBody(source: SourceRow): SourceBody {
  return {
    ...freshness(),
    source,
    address: 'redis://127.0.0.1:6379/0',
    nodes: [
      {
        ...{
          name: '127.0.0.1:6379',
          role: 'master',
          version: '7.0.15',
          memoryBytes: 1_200_000,
          memoryLimitBytes: null,
        },
        ...{ connections: 14, alarms: ['maxmemory reached'] },
      },
    ],
    gapList: [{ what: 'queue counts of sidekiq', code: 'refused', message: 'EVAL is not permitted' }],
  }
}
