import { type Command, InvalidArgumentError, Option } from 'commander'
import { parseDuration } from '../server/domain/duration.ts'
import { JOB_STATES } from '../server/domain/job.ts'
import type { SagaAct } from '../server/domain/saga.ts'
import type { ActOptions } from './commands/act.ts'
import type { CancelOptions } from './commands/cancel.ts'
import type { ControlOptions } from './commands/control.ts'
import type { ControlsListOptions, ExtendOptions } from './commands/controls.ts'
import type { HistoryOptions } from './commands/history.ts'
import type { ResumeOptions } from './commands/resume.ts'
import type { SagaOptions } from './commands/saga.ts'
import type { ConsentOptions } from './consent.ts'
import { parseRate } from './format/control-words.ts'

/** What the commands that change something do, given their arguments. */
export interface ControlActions {
  readonly pause: (targets: string[], options: ControlOptions) => Promise<void>
  readonly throttle: (targets: string[], options: ControlOptions & { rate: number }) => Promise<void>
  readonly limit: (targets: string[], options: ControlOptions & { concurrency: number }) => Promise<void>
  readonly resume: (targets: string[], options: ResumeOptions) => Promise<void>
  readonly controlsList: (options: ControlsListOptions) => Promise<void>
  readonly controlsShow: (id: string) => Promise<void>
  readonly controlsLift: (ids: string[], options: ConsentOptions) => Promise<void>
  readonly controlsExtend: (id: string, options: ExtendOptions) => Promise<void>
  readonly act: (
    act: 'retry' | 'promote' | 'discard',
    queue: string,
    ids: string[],
    options: ActOptions,
  ) => Promise<void>
  readonly saga: (act: SagaAct, ref: string, options: SagaOptions) => Promise<void>
  readonly cancel: (runs: string[], options: CancelOptions) => Promise<void>
  readonly login: () => Promise<void>
  readonly whoami: () => Promise<void>
  readonly history: (text: string | undefined, options: HistoryOptions) => Promise<void>
}

export type Examples = (command: Command, lines: readonly string[]) => void

const TARGETS = 'source/queue, also with *, job-class/source/name, tag/source/name, run/source/id; - = from stdin'

/** Adds the commands that change something, and those that tell what was changed. */
export function addControlCommands(program: Command, actions: ControlActions, examples: Examples): void {
  const pause = withWait(withLife(program.command('pause').description('start nothing more, until then'))).argument(
    '<target...>',
    TARGETS,
  )
  withConsent(pause).action((targets: string[], options: ControlOptions) => actions.pause(targets, options))
  examples(pause, [
    'sluice pause redis-main/emails --for 15m --reason "SMTP 429, INC-482"',
    'sluice pause "redis-main/*-mail" --dry-run',
    'sluice list queues --faults -o name | sluice pause - --yes --reason "INC-482, stop the line"',
  ])

  const throttle = withWait(
    withLife(
      program
        .command('throttle')
        .description('start at most so many a second, items of iterating jobs counted too, until then'),
    ),
  )
    .argument('<target...>', TARGETS)
    .requiredOption('--rate <starts>', 'at most so many: 50/s, 30/m', rateOf)
  withConsent(throttle).action((targets: string[], options: ControlOptions & { rate: number }) =>
    actions.throttle(targets, options),
  )
  examples(throttle, ['sluice throttle redis-main/emails --rate 50/s --for 30m --reason "SMTP 429, INC-482"'])

  const limit = withWait(
    withLife(program.command('limit').description('have at most so many in hand at once, until then')),
  )
    .argument('<target...>', TARGETS)
    .requiredOption('--concurrency <units>', 'at most so many', amountOf)
  withConsent(limit).action((targets: string[], options: ControlOptions & { concurrency: number }) =>
    actions.limit(targets, options),
  )
  examples(limit, ['sluice limit job-class/redis-main/Backfill --concurrency 2 --reason "the replica is behind"'])

  const resume = withWait(
    program.command('resume').description('lift every control on the targets, at once or with a ramp'),
  )
    .argument('<target...>', TARGETS)
    .option('--ramp <starts>', 'begin with so many a second: 10/s', rateOf)
    .option('--to <starts>', 'and grow to so many (default: ten times --ramp)', rateOf)
    .option('--over <time>', 'in a straight line over this time (default 5m), then without a limit', timeOf)
  withConsent(resume).action((targets: string[], options: ResumeOptions) => actions.resume(targets, options))
  examples(resume, [
    'sluice resume redis-main/emails --reason "SMTP answers again"',
    'sluice resume redis-main/emails --ramp 10/s --to 100/s --over 5m --reason "SMTP answers again"',
  ])

  addControls(program, actions, examples)
  addActs(program, actions, examples)
  addSagaActs(program, actions, examples)

  const history = program
    .command('history')
    .description('who did what, to what and why, newest first')
    .argument('[text]', 'part of a target, a reason, an actor or an id')
    .option('--since <time>', 'only the last 24h, 7d …', timeOf)
    .option('--actor <name>', 'only by this person; expiry = what ended by itself')
    .option('--limit <lines>', 'lines at most', amountOf, 100)
    .option('--exit-code', 'end with 10 when its chain of hashes does not hold')
    .action((text: string | undefined, options: HistoryOptions) => actions.history(text, options))
  program
    .command('login')
    .description('print the address that signs a browser in, once')
    .action(() => actions.login())
  program
    .command('whoami')
    .description('as whom this acts, and whether it may; 4 when not')
    .action(() => actions.whoami())
  examples(history, ['sluice history redis-main/emails', 'sluice history --since 24h -o jsonl'])
}

function addControls(program: Command, actions: ControlActions, examples: Examples): void {
  const controls = program
    .command('controls')
    .description('what is paused, throttled and limited, by whom and until when')
  const list = controls
    .command('list', { isDefault: true })
    .description('those in force, the one that ends first on top')
    .option('--all', 'also those that ended in the last 7 days')
    .option('--filter <text>', 'substring of the target, or a glob with *')
    .option('--source <id>', 'only of this source')
    .option('--limit <rows>', 'rows at most, up to 200', amountOf, 100)
    .action((options: ControlsListOptions) => actions.controlsList(options))
  const show = controls
    .command('show')
    .description('one of them: its phases, and worker by worker who obeys')
    .argument('<id>', 'ctl_…')
    .action((id: string) => actions.controlsShow(id))
  const lift = withConsent(
    controls.command('lift').description('end these and no others').argument('<id...>', 'ctl_…'),
  ).action((ids: string[], options: ConsentOptions) => actions.controlsLift(ids, options))
  const extend = withWait(
    withConsent(controls.command('extend').description('let it live longer, with the reason it has')),
  )
    .argument('<id>', 'ctl_…')
    .option('--by <time>', 'so much longer than it has left (default 15m)', timeOf)
    .option('--for <time>', 'so long from now on', timeOf)
    .action((id: string, options: ExtendOptions) => actions.controlsExtend(id, options))
  for (const command of [list, show, lift, extend]) examples(command, [])
  examples(controls, ['sluice controls', 'sluice controls show ctl_7Qa2Zk91Bc', 'sluice controls lift ctl_7Qa2Zk91Bc'])
}

function addActs(program: Command, actions: ControlActions, examples: Examples): void {
  const verbs = [
    ['retry', 'let jobs run again: those named, those that failed alike, or the dead', 'dead'],
    ['promote', 'let jobs run now that are due later', 'delayed'],
    ['discard', 'throw jobs away, for good', null],
  ] as const
  for (const [verb, what, fallback] of verbs) {
    const command = program
      .command(verb)
      .description(what)
      .argument('<queue>', 'source/name')
      .argument('[id...]', 'of jobs; sluice list jobs has them')
      .option('--error <glob>', 'those whose last error is like it: "Timeout*"')
      .addOption(
        new Option(
          '--state <word>',
          `all in this state${fallback ? ` (default ${fallback})` : ''}: ${JOB_STATES.join(', ')}`,
        ),
      )
      .option('--limit <jobs>', 'at most so many, up to 1000', amountOf)
    if (verb === 'discard') {
      command
        .option('--confirm <name>', 'the name of the queue: what discarding needs instead of --yes')
        .option(
          '--export <file>',
          'write them into a new file first, a job a line (long arguments are cut, secrets redacted)',
        )
        .option('--no-export', 'keep nothing of them')
    }
    withConsent(command).action((queue: string, ids: string[], options: ActOptions) =>
      actions.act(verb, queue, ids, options),
    )
    examples(command, ACT_EXAMPLES[verb])
  }
  const cancel = withWait(
    program
      .command('cancel')
      .description('give runs up: each ends after the item in hand; one of a saga is turned back'),
  ).argument('<run...>', 'run/source/id')
  cancel.option(
    '--force',
    'end those that are cancelling and do not end: their workers may not write about them any more',
  )
  withConsent(cancel).action((runs: string[], options: CancelOptions) => actions.cancel(runs, options))
  examples(cancel, ['sluice cancel run/redis-main/8f3c --reason "wrong month, INC-483"'])
}

function addSagaActs(program: Command, actions: ControlActions, examples: Examples): void {
  const saga = program.command('saga').description('repair one saga: sluice list sagas has those that need somebody')
  const verbs = [
    ['retry', 'retry-step', 'try the step at which it stands again, or go on where no job is at hand'],
    ['skip', 'skip-step', 'go on without a step, or without its compensation: somebody has seen to it'],
    ['compensate', 'compensate', 'turn it back now, the last step first; also one that succeeded'],
    ['abandon', 'abandon', 'leave it as it is, for good'],
  ] as const
  for (const [verb, act, what] of verbs) {
    const command = saga.command(verb).description(what).argument('<saga>', 'saga/source/queue/id')
    if (verb === 'retry') command.option('--step <name>', 'refuse when it stands at another')
    if (verb === 'skip') command.requiredOption('--step <name>', 'where it stands, or one that is still to come')
    withConsent(command).action((ref: string, options: SagaOptions) => actions.saga(act, ref, options))
    examples(command, [])
  }
  examples(saga, [
    'sluice saga retry saga/redis-main/orders/trip-7 --reason "the airline answers again"',
    'sluice saga skip saga/redis-main/orders/trip-7 --step mail --reason "mailed by hand"',
    'sluice saga compensate saga/redis-main/orders/trip-7 --dry-run',
  ])
}

const ACT_EXAMPLES = {
  retry: [
    'sluice retry redis-main/emails --error "Timeout*" --limit 500 --reason "SMTP answers again"',
    'sluice retry redis-main/emails 8f3c 9a1b --reason "fixed in v312"',
  ],
  promote: ['sluice promote redis-main/emails 8f3c --reason "the customer waits"'],
  discard: ['sluice discard redis-main/emails --error "NoSuchUser*" --export gone.jsonl --reason "deleted accounts"'],
} as const

function withLife(command: Command): Command {
  return command
    .option('--for <time>', 'for so long: 5s to 24h (default 15m); then it ends by itself', timeOf)
    .option('--until <time>', 'until then: 14:32, or 2026-03-02T14:32:00Z', instantOf)
}

function withWait(command: Command): Command {
  return command
    .option('--wait <time>', 'how long to follow it until it is in effect (default 30s)', timeOf)
    .option('--no-wait', 'end as soon as it is asked for')
    .option('--drained', 'wait until nothing is in hand any more, too')
}

function withConsent(command: Command): Command {
  return command
    .option('--reason <words>', 'why: 8 to 500 characters; it stands in the history')
    .option('--dry-run', 'show what it would do, and do nothing')
    .option('-y, --yes', 'do it without asking')
}

function rateOf(text: string): number {
  const rate = parseRate(text)
  if (rate === null) throw new InvalidArgumentError('Expected a rate from 0.01/s to 100000/s, such as 50/s or 30/m.')
  return rate
}

function amountOf(text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new InvalidArgumentError('Expected a whole number from 1.')
  return Number(text)
}

function timeOf(text: string): number {
  const ms = parseDuration(text)
  if (ms === null || ms <= 0) throw new InvalidArgumentError('Expected a time such as 30s, 15m or 1h30m.')
  return ms
}

/** `14:32` is the next one; anything else an instant with its zone. */
function instantOf(text: string): number {
  const clock = /^([01]?\d|2[0-3]):([0-5]\d)$/.exec(text)
  if (clock) {
    const at = new Date()
    at.setHours(Number(clock[1]), Number(clock[2]), 0, 0)
    if (at.getTime() <= Date.now()) at.setDate(at.getDate() + 1)
    return at.getTime()
  }
  const isInstant = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/.test(text)
  const atMs = isInstant ? Date.parse(text) : Number.NaN
  if (Number.isNaN(atMs))
    throw new InvalidArgumentError('Expected a time of day such as 14:32, or 2026-03-02T14:32:00Z.')
  return atMs
}
