import type { Queue } from '../domain/queue.ts'
import { formatClock, formatCount, formatDuration, formatRate } from '../domain/words.ts'
import { type Judgement, type Objective, type Word, worstOf } from './judgement.ts'

/** What a queue is judged by: figures of the snapshot … */
export type QueueFacts = Pick<
  Queue,
  'depth' | 'consumers' | 'oldestAgeMs' | 'estimated' | 'trouble' | 'pausedBy' | 'role' | 'sagas'
>

/** … and what its history adds. */
export interface QueueFlow {
  readonly inPerSecond: number | null
  readonly outPerSecond: number | null
  readonly failedPerSecond: number | null
  readonly depthChange5m: number | null
}

/** A control in force on the queue: somebody asked for what it leads to. */
export interface QueueControl {
  /** `paused`, `at most 50/s`. */
  readonly sentence: string
  readonly actor: string
  readonly expiresAtMs: number
}

/** Below this many waiting, growth alone is no reason to wake anybody. */
const GROWING_DEPTH_MIN = 100

/** Judges one queue. A rule is silent where a figure it needs is unknown. */
export function judgeQueue(
  facts: QueueFacts,
  flow: QueueFlow,
  objective: Objective,
  control: QueueControl | null = null,
): Judgement {
  if (control && facts.trouble === null) return explained(facts, flow, { objective, control })
  if (facts.pausedBy === 'elsewhere' && facts.trouble === null) {
    return {
      severity: 'notice',
      reasons: ['paused elsewhere', ...worstOf([stuckWord(facts), ...backlogWords(facts, flow, objective)]).reasons],
    }
  }
  return worstOf([troubleWord(facts), deadLetterWord(facts), stuckWord(facts), ...backlogWords(facts, flow, objective)])
}

/** What waits under a control waits because somebody asked for it; what fails under it still fails. */
function explained(
  facts: QueueFacts,
  flow: QueueFlow,
  { objective, control }: { objective: Objective; control: QueueControl },
): Judgement {
  const { sentence, actor, expiresAtMs } = control
  const asked: Word = ['notice', `${sentence} by ${actor} until ${formatClock(expiresAtMs)}: someone asked for this`]
  const backlog = worstOf([
    waitWord(facts, flow, objective),
    unattendedWord(facts, objective),
    growingWord(facts, flow),
  ])
  const words = facts.role === 'work' ? backlog.reasons.map((reason): Word => ['notice', reason]) : []
  return worstOf([asked, ...words, failingWord(flow), stuckWord(facts)])
}

function backlogWords(facts: QueueFacts, flow: QueueFlow, objective: Objective): (Word | null)[] {
  // A retry queue waits by TTL and a dead-letter queue for a person: neither has a consumer or an age to keep.
  if (facts.role !== 'work') return []
  return [
    waitWord(facts, flow, objective),
    unattendedWord(facts, objective),
    growingWord(facts, flow),
    failingWord(flow),
  ]
}

function troubleWord({ trouble }: QueueFacts): Word | null {
  if (trouble === null) return null
  return [trouble === 'flow' ? 'notice' : 'critical', `the broker says: ${trouble}`]
}

function deadLetterWord({ role, depth }: QueueFacts): Word | null {
  return role === 'dead-letter' && depth !== null && depth > 0 ? ['notice', `${formatCount(depth)} dead letters`] : null
}

/** A step was given up, and only a person can say how the saga goes on: a pause of the queue does not change that. */
function stuckWord({ sagas }: QueueFacts): Word | null {
  if (!sagas || sagas.stuck === 0) return null
  return [
    'warning',
    `${formatCount(sagas.stuck)} saga${sagas.stuck === 1 ? '' : 's'} stuck: a person has to say how to go on`,
  ]
}

function waitWord(facts: QueueFacts, flow: QueueFlow, { queueWaitMs }: Objective): Word | null {
  const { oldestAgeMs: age } = facts
  if (age === null || age <= queueWaitMs) return null
  const about = facts.estimated.includes('oldestAgeMs') ? '~' : ''
  const reason = `oldest ${about}${formatDuration(age)}, objective ${formatDuration(queueWaitMs)}`
  return [isShrinking(flow) ? 'warning' : 'critical', reason]
}

function unattendedWord({ depth, consumers, oldestAgeMs }: QueueFacts, { queueWaitMs }: Objective): Word | null {
  if (consumers !== 0 || depth === null || depth === 0) return null
  const late = oldestAgeMs !== null && oldestAgeMs > queueWaitMs
  return [late ? 'critical' : 'warning', `${formatCount(depth)} waiting and no consumer`]
}

function growingWord({ depth }: QueueFacts, flow: QueueFlow): Word | null {
  const { depthChange5m, inPerSecond, outPerSecond } = flow
  if (depth === null || depth < GROWING_DEPTH_MIN || depthChange5m === null || depthChange5m < depth / 5) return null
  // It grew and has turned round: what is left to say is how long the oldest waits.
  if (isShrinking(flow)) return null
  const rates =
    inPerSecond !== null && outPerSecond !== null
      ? `, in ${formatRate(inPerSecond)}/s out ${formatRate(outPerSecond)}/s`
      : ''
  return ['warning', `growing, +${formatCount(depthChange5m)} in 5 m${rates}`]
}

function failingWord({ failedPerSecond, outPerSecond }: QueueFlow): Word | null {
  if (failedPerSecond === null || outPerSecond === null || outPerSecond <= 0 || failedPerSecond < 0.1) return null
  const ratio = failedPerSecond / outPerSecond
  return ratio >= 0.25 ? ['warning', `${Math.round(Math.min(1, ratio) * 100)} % of jobs fail`] : null
}

function isShrinking({ depthChange5m, inPerSecond, outPerSecond }: QueueFlow): boolean {
  if (inPerSecond !== null && outPerSecond !== null) return outPerSecond > inPerSecond
  return depthChange5m !== null && depthChange5m < 0
}
