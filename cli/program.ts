import { Command, InvalidArgumentError, Option } from 'commander'
import { parseDuration } from '../server/domain/duration.ts'
import { JOB_STATES } from '../server/domain/job.ts'
import { SAGA_SHOWN } from '../server/domain/saga.ts'
import { LAG_BY } from './columns/lag-columns.ts'
import type { ConfigVerb } from './commands/config.ts'
import type { JobsOptions } from './commands/jobs.ts'
import { type LagMax, type LagOptions, parseLagMax } from './commands/lag.ts'
import type { ListOptions } from './commands/list.ts'
import type { SagaListOptions } from './commands/saga.ts'
import { usage } from './exit.ts'
import { LISTS } from './lists.ts'
import { OUTPUTS } from './print.ts'
import { addBrokerCommand, type BrokerActions } from './program-broker.ts'
import { addControlCommands, type ControlActions } from './program-controls.ts'
import { addSetupCommands, portOf, type SetupActions } from './program-setup.ts'

/** Flags that every command takes, before or after its name. */
export interface GlobalOptions {
  readonly output?: string
  readonly json?: boolean
  readonly fields?: string
  readonly server?: string
  readonly color?: 'auto' | 'always' | 'never'
  readonly ascii?: boolean
  /** Ms; the whole command, not a request. */
  readonly timeout: number
  readonly quiet?: boolean
  /** False under --no-input. */
  readonly input?: boolean
}

export interface ServeOptions {
  readonly config?: string
  readonly host?: string
  readonly port?: number
  /** Starts the demo instead where nothing is configured and nothing found. */
  readonly demo?: boolean
}

export interface TopOptions {
  readonly faults?: boolean
}

/** What each command does, given its arguments: the program is only the grammar. */
export interface Actions extends ControlActions, SetupActions, BrokerActions {
  readonly bare: () => Promise<void>
  readonly serve: (options: ServeOptions) => Promise<void>
  readonly status: (options: { exitCode?: boolean }) => Promise<void>
  readonly list: (kind: string, options: ListOptions) => Promise<void>
  readonly listOf: (kind: 'jobs' | 'failures', queue: string, options: JobsOptions) => Promise<void>
  readonly listSagas: (queue: string | undefined, options: SagaListOptions) => Promise<void>
  readonly describe: (reference: string) => Promise<void>
  readonly lag: (groups: string[], options: LagOptions) => Promise<void>
  readonly top: (source: string | undefined, options: TopOptions) => Promise<void>
  readonly config: (verb: ConfigVerb, file: string | undefined, options: { config?: string }) => Promise<void>
  readonly version: () => Promise<void>
}

/** What is listed of one queue. */
const IN_QUEUE = ['jobs', 'failures'] as const

const HELP = { sortSubcommands: false, showGlobalOptions: true } as const

/** The grammar of `sluice`. Help is made from it, examples first. */
export function createProgram(version: string, actions: Actions): Command {
  const program = new Command('sluice')
  program
    .description('Queues, topics and consumer groups of Redis, RabbitMQ and Kafka: what waits, since when, and why.')
    .version(version, '-V, --version', 'print the version')
    .configureHelp(HELP)
    .helpOption('-h, --help', 'show help')
    .addOption(new Option('-o, --output <form>', `${OUTPUTS.join(', ')}`))
    .option('--json', 'the same as -o json: the body of the API')
    .option('--fields <names>', 'columns or JSON fields, in this order: ref,depth,oldestAgeMs')
    .option('--server <url>', 'the server to ask (SLUICE_SERVER; default http://127.0.0.1:7380)')
    .addOption(new Option('--color <when>', 'auto, always or never').choices(['auto', 'always', 'never']))
    .option('--ascii', 'nothing but ASCII in tables and in top')
    .addOption(
      new Option('--timeout <time>', 'give up after this time, and end with 124; of a change: for each request')
        .argParser(durationOf)
        .default(10_000, '10s'),
    )
    .option('-q, --quiet', 'no notes on stderr')
    .option('--no-input', 'never ask a person, also on a terminal')
    .allowExcessArguments(true)
    .action(() => actions.bare())
  examples(program, [
    'sluice demo',
    'sluice serve',
    'sluice top',
    'sluice status --exit-code',
    'sluice list queues --faults -o json',
  ])

  const serve = program
    .command('serve')
    .description('start the server: it reads the brokers and serves the page and the API')
    .option('--config <file>', 'YAML file (SLUICE_CONFIG; default sluice.yaml in this folder)')
    .option('--host <address>', 'address to listen on')
    .option('--port <number>', 'port to listen on, 0 = any', portOf)
    .option('--demo', 'show the demo where nothing is configured and no broker is found')
    .action((options: ServeOptions) => actions.serve(options))
  examples(serve, ['sluice serve', 'sluice serve --config /etc/sluice.yaml --port 8080'])

  addSetupCommands(program, actions, examples)
  addBrokerCommand(program, actions, examples)

  const status = program
    .command('status')
    .description('the verdict, and one line for each source')
    .option('--exit-code', 'end with 10 when something is wrong, 7 when it cannot be told')
    .action((options: { exitCode?: boolean }) => actions.status(options))
  examples(status, ['sluice status', 'sluice status --exit-code -q || page-somebody'])

  const list = program
    .command('list')
    .description(`list ${LISTS.map(({ name }) => name).join(', ')}, sagas, jobs or failures of a queue`)
    .argument('<kind>', [...LISTS.map(({ name }) => name), 'sagas', ...IN_QUEUE].join(', '))
    .argument('[queue]', 'source/name, for jobs and failures, and for sagas of one queue')
    .option('--filter <text>', 'substring of the reference, or a glob with *')
    .option('--source <id>', 'only of this source')
    .option('--system <name>', 'only of this system: bullmq, sidekiq, rabbitmq-quorum …')
    .addOption(
      new Option('--severity <word>', 'only critical, warning, notice, fine, unknown, or faults').choices([
        'critical',
        'warning',
        'notice',
        'fine',
        'unknown',
        'faults',
      ]),
    )
    .option('--faults', 'the same as --severity faults: critical, warning or unknown')
    .option('--sort <field>', 'order; - in front for descending: -depth, -oldestAgeMs, name (default: worst first)')
    .option('--limit <rows>', 'rows at most, or all', limitOf, 100)
    .option('--offset <rows>', 'rows to skip', countOf, 0)
    .option(
      '--state <word>',
      `of jobs: ${JOB_STATES.join(', ')} (default pending); of sagas: ${SAGA_SHOWN.join(', ')} (default open)`,
    )
    .option('--cursor <text>', 'of jobs: where the page before ended')
    .option('--watch <time>', 'repaint when it changes, at most this often: --watch or --watch=2s', durationOf)
    .action((kind: string, queue: string | undefined, options: ListOptions & JobsOptions) => {
      if (/^sagas?$/.test(kind)) return actions.listSagas(queue, options)
      const inQueue = IN_QUEUE.find((name) => name === kind || name === `${kind}s`)
      if (!inQueue && queue === undefined) return actions.list(kind, options)
      if (inQueue && queue !== undefined) return actions.listOf(inQueue, queue, options)
      throw usage(inQueue ? `${inQueue} of which queue? sluice list ${inQueue} redis-main/emails` : 'too many words')
    })
  examples(list, [
    'sluice list queues --faults',
    'sluice list queues --filter "redis-main/*-mail" --sort -depth',
    'sluice list groups --watch',
    'sluice list jobs redis-main/emails --state dead',
    'sluice list sagas --state trouble',
    'sluice list queues --limit all --fields ref,depth --json | jq ".items[]"',
  ])

  const describe = program
    .command('describe')
    .description('everything about one queue, group, topic, run, saga, worker, control or source')
    .argument(
      '<reference>',
      'source/name, group/source/name, topic/source/name, run/source/id, saga/source/queue/id, a control or a source',
    )
    .action((reference: string) => actions.describe(reference))
  examples(describe, [
    'sluice describe redis-main/emails',
    'sluice describe group/kafka-eu/orders',
    'sluice describe kafka-eu',
  ])

  const lag = program
    .command('lag')
    .description('how far consumer groups are behind, in records and in time')
    .argument('[group...]', 'name, source/name or glob; none = all')
    .addOption(new Option('--by <part>', 'cut each group by topic, partition or member').choices([...LAG_BY]))
    .option('--max <lag>', 'only those behind by more: 10k (records) or 5m (time)', lagMaxOf)
    .option('--exit-code', 'end with 10 when one is behind by more, 7 when it cannot be told')
    .action((groups: string[], options: LagOptions) => actions.lag(groups, options))
  examples(lag, ['sluice lag', 'sluice lag orders --by partition', 'sluice lag --max 5m --exit-code'])

  addControlCommands(program, actions, examples)

  const top = program
    .command('top')
    .description('watch everything on one screen')
    .argument('[source]', 'only this source')
    .option('--faults', 'only what is not fine')
    .action((source: string | undefined, options: TopOptions) => actions.top(source, options))
  examples(top, ['sluice top', 'sluice top redis-main --faults'])

  const config = program.command('config').description("the server's configuration").configureHelp(HELP)
  for (const [verb, what] of CONFIG_VERBS) {
    config
      .command(verb)
      .description(what)
      .argument('[file]', 'YAML file (SLUICE_CONFIG; default sluice.yaml in this folder)')
      .option('--config <file>', 'the same as the argument')
      .configureHelp(HELP)
      .action((file: string | undefined, options: { config?: string }) => actions.config(verb, file, options))
  }
  examples(config, ['sluice config check', 'sluice config print sluice.yaml'])

  program
    .command('version')
    .description('print the version')
    .configureHelp(HELP)
    .action(() => actions.version())
  return program
}

const CONFIG_VERBS: readonly (readonly [ConfigVerb, string])[] = [
  ['check', 'say everything that is wrong with it, and end with 78'],
  ['print', 'print what is in force, without secrets'],
  ['path', 'say which file it comes from'],
]

function examples(command: Command, lines: readonly string[]): void {
  command.configureHelp(HELP)
  if (lines.length > 0) command.addHelpText('before', `Examples:\n${lines.map((line) => `  ${line}\n`).join('')}`)
}

function durationOf(text: string): number {
  const ms = parseDuration(text)
  if (ms === null || ms <= 0) throw new InvalidArgumentError('Expected a time such as 500ms, 2s or 1m.')
  return ms
}

function countOf(text: string): number {
  if (!/^\d{1,8}$/.test(text)) throw new InvalidArgumentError('Expected a whole number.')
  return Number(text)
}

function limitOf(text: string): number {
  if (text === 'all') return Number.POSITIVE_INFINITY
  if (!/^[1-9]\d{0,7}$/.test(text)) throw new InvalidArgumentError('Expected a number from 1, or all.')
  return Number(text)
}

function lagMaxOf(text: string): LagMax {
  const max = parseLagMax(text)
  if (max === null) throw new InvalidArgumentError('Expected records such as 10k, or a time such as 5m.')
  return max
}
