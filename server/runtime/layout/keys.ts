/**
 * Where the job runtime keeps what it knows, so that a source can find it. Every key of one queue has the same hash tag
 * (`{name}`): in a Redis Cluster they lie in one slot and one script can touch them together.
 *
 * A queue's keys, after `<prefix>:{<queue>}:`
 *
 * | key | type | content |
 * |---|---|---|
 * | `pending` | list | ids; taken from the left. Released work comes back on the left |
 * | `pending:high`, `pending:low` | list | the same for units with a priority; `prioritized` (string) is there once there was one |
 * | `delayed` | zset | id → due, Unix ms: asked for later |
 * | `retry` | zset | id → due, Unix ms: failed, waits for its back-off |
 * | `held`, `held:<scope>:<name>` | set, list | `<scope>:<name>` of what is held back, and the ids: taken from `pending` under a control |
 * | `active` | hash | id → `<epoch> <worker> <claimedAtMs> <job name> <tag> …`; the epoch is the fencing token |
 * | `leases` | zset | id → end of the lease, Unix ms |
 * | `running` | hash | job name or `#<tag>` → units in `active` |
 * | `starts` | hash | job name or `#<tag>` → units ever started |
 * | `starters` | zset | worker → its last start, Unix ms: of the last ten minutes, and the very last |
 * | `dead` | zset | id → when it was given up, Unix ms; its job and state are kept |
 * | `jobs` | hash | id → the job's text (`job-text.ts`), until it ends |
 * | `run:<id>` | hash | state of a job that iterates or had trouble (`run-state.ts`) |
 * | `runs` | zset | id → first start, Unix ms, of iterating jobs; ended ones are kept up to a cap |
 * | `ended` | zset | id → end, Unix ms: the ended ones among `runs` |
 * | `stats` | hash | lifetime counters: `enqueued`, `started`, `succeeded`, `failed` (attempts), `died`, `poisoned`, `interrupted`, `crashed`, `refused` |
 * | `epoch` | string | the last fencing token given out |
 * | `controls` | hash | id → the control's text (`control-text.ts`) |
 * | `revision` | string | changes of `controls` so far |
 * | `lifted` | zset | id → when it was lifted or had ended, Unix ms, for a day: it is not placed again |
 * | `unique:<key>` | string | id of the unit that has this key, for its time to live |
 * | `exclusive`, `holders` | hash, hash | id → exclusive key; key → the unit in hand, or the last. Those that wait: `held:exclusive:<key>` |
 * | `batch:<id>` | hash | `total`, `left`, `dead`, and what is enqueued then: `onSuccess`, `onComplete`, `onDeath` |
 * | `schedules` | hash | name → `<fingerprint> <due, Unix ms> …`: what is placed among `delayed`, as `cron:<name>:<due>` |
 * | `idle` | zset | worker → since when it waits for work, Unix ms: whom to wake |
 * | `turns` | string | turns with priorities, for their weights |
 * | `staged` | zset | id → when it may be forgotten, Unix ms (`outbox/lua/move.ts`): added by an outbox, whatever became of it |
 * | `saga:<id>`, `sagas` … | hash, set … | see `lua/saga.ts` |
 * | `bucket:<control>` | string | of a throttle: up to when starts are spoken for, Unix µs |
 *
 * All times are those of this Redis (`TIME`). Under `<prefix>:{#}:` stands what belongs to no queue: `queues` (set of
 * names), `workers` (zset: id → last beat, Unix ms) and `worker:<id>` (hash, `worker-beat.ts`).
 */
export type QueueKey =
  | 'pending'
  | 'pending:high'
  | 'pending:low'
  | 'delayed'
  | 'retry'
  | 'held'
  | 'active'
  | 'leases'
  | 'running'
  | 'starts'
  | 'starters'
  | 'dead'
  | 'jobs'
  | 'runs'
  | 'ended'
  | 'stats'
  | 'epoch'
  | 'controls'
  | 'revision'
  | 'lifted'

export const DEFAULT_PREFIX = 'sluice'

/** What all keys of a queue begin with. */
export function queueBase(prefix: string, queue: string): string {
  return `${prefix}:{${queue}}:`
}

export function queueKey(prefix: string, queue: string, key: QueueKey): string {
  return queueBase(prefix, queue) + key
}

/** State of a job that iterates, or failed or crashed before. */
export function runKey(prefix: string, queue: string, id: string): string {
  return `${queueBase(prefix, queue)}run:${id}`
}

/** Units that a control on a job class, run or tag took out of the line; `target` as in the set `held`. */
export function heldKey(prefix: string, queue: string, target: string): string {
  return `${queueBase(prefix, queue)}held:${target}`
}

/** Where all workers are told that controls have changed. Only a nudge: nothing depends on its arrival. */
export function nudgeChannel(prefix: string, queue: string): string {
  return `${queueBase(prefix, queue)}nudge`
}

/** Where one worker is told that there is work. Only a nudge, too. */
export function wakeChannel(prefix: string, queue: string, worker: string): string {
  return `${nudgeChannel(prefix, queue)}:${worker}`
}

/** What belongs to no queue. No queue can be called `#`. */
export function fleetBase(prefix: string): string {
  return `${prefix}:{#}:`
}

const QUEUE_NAME_MAX = 200

/** Why this cannot be the name of a queue, a job or a prefix; null when it can. Braces would move its keys to other slots. */
export function nameFault(name: string): string | null {
  if (name.length === 0) return 'is empty'
  if (name.length > QUEUE_NAME_MAX) return `is longer than ${QUEUE_NAME_MAX} characters`
  if (/[\s{}]/.test(name) || [...name].some((letter) => letter < ' ' || letter === '\u007f'))
    return 'holds white space, a brace or a control character'
  if (name.startsWith('#')) return 'starts with #'
  return null
}
