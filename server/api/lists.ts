/** What is known of lists without their schemas: the terminal loads this file, and no zod. */

export const LIST_LIMIT_MAX = 200
export const LIST_LIMIT_DEFAULT = 100

/** The orders of each list; `-` in front of one turns it round. */
export const SORTS = {
  sources: ['source', 'tookMs'],
  queues: [
    'pain',
    'name',
    'depth',
    'active',
    'delayed',
    'retrying',
    'dead',
    'oldestAgeMs',
    'consumers',
    'inPerSecond',
    'outPerSecond',
    'depthChange5m',
    'drainMs',
    'system',
  ],
  topics: ['name', 'records', 'bytes', 'partitions', 'inPerSecond', 'groups', 'underReplicated'],
  groups: ['pain', 'name', 'lag', 'lagMs', 'members', 'lagChange5m', 'inPerSecond', 'outPerSecond', 'drainMs', 'state'],
  workers: ['id', 'system', 'busy', 'capacity', 'beatAtMs', 'startedAtMs'],
  runs: ['pain', 'id', 'status', 'startedAtMs'],
} as const
