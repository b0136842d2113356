/** What a worker reports with every beat, as it lies in `worker:<id>` (all fields are text there). */
export interface WorkerBeat {
  readonly id: string
  readonly host: string
  readonly pid: number
  /** Of this runtime. */
  readonly version: string
  readonly serves: readonly string[]
  /** Units it can hold at once, and holds now. */
  readonly capacity: number
  readonly busy: number
  readonly phase: 'running' | 'stopping'
  /** By the clock of Redis, Unix ms. */
  readonly startedAtMs: number
  readonly beatAtMs: number
  /** The worker's own wall clock at this beat: what it is off by can be told. */
  readonly ownClockMs: number
  /** Queue → revision of the controls that it has read there: the proof that a control arrived. */
  readonly obeys: Readonly<Record<string, number>>
  /** How it obeys: `claim` = controls are read in the step that takes work, and between two items. */
  readonly obeysAt: string
  /** When it last started a unit, by the clock of Redis, Unix ms; null = never. */
  readonly lastStartAtMs: number | null
}

/** Field and value in turn, as HSET takes them. The times of Redis (`startedAtMs`, `beatAtMs`) are added by the script. */
export function encodeBeat(beat: Omit<WorkerBeat, 'id' | 'startedAtMs' | 'beatAtMs'>): readonly string[] {
  return [
    ...['host', beat.host, 'pid', String(beat.pid), 'version', beat.version],
    ...['serves', JSON.stringify(beat.serves), 'capacity', String(beat.capacity), 'busy', String(beat.busy)],
    ...['phase', beat.phase, 'ownClockMs', String(beat.ownClockMs), 'obeys', JSON.stringify(beat.obeys)],
    ...['obeysAt', beat.obeysAt, 'lastStartAtMs', beat.lastStartAtMs === null ? '' : String(beat.lastStartAtMs)],
  ]
}

/** Null when the hash is not one of ours, or gone. */
export function parseBeat(id: string, hash: Readonly<Record<string, string>>): WorkerBeat | null {
  const { host, version, phase } = hash
  const [pid, capacity, busy, startedAtMs, beatAtMs, ownClockMs] = NUMBERS.map((name) => Number(hash[name] ?? 'none'))
  if (host === undefined || version === undefined || (phase !== 'running' && phase !== 'stopping')) return null
  if (pid === undefined || capacity === undefined || busy === undefined) return null
  if (startedAtMs === undefined || beatAtMs === undefined || ownClockMs === undefined) return null
  if (![pid, capacity, busy, startedAtMs, beatAtMs, ownClockMs].every(Number.isSafeInteger)) return null
  const serves = parsed(hash.serves)
  const obeys = parsed(hash.obeys)
  if (!Array.isArray(serves) || typeof obeys !== 'object' || obeys === null) return null
  const lastStartAtMs = Number(hash.lastStartAtMs ?? '')
  return {
    obeysAt: hash.obeysAt ?? '',
    lastStartAtMs: Number.isSafeInteger(lastStartAtMs) && lastStartAtMs > 0 ? lastStartAtMs : null,
    ...{ id, host, pid, version, serves: serves.map(String), capacity, busy, phase, startedAtMs, beatAtMs, ownClockMs },
    obeys: Object.fromEntries(Object.entries(obeys).map(([queue, revision]) => [queue, Number(revision)])),
  }
}

const NUMBERS = ['pid', 'capacity', 'busy', 'startedAtMs', 'beatAtMs', 'ownClockMs'] as const

function parsed(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? 'null')
  } catch {
    return null
  }
}
