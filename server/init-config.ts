import { findLocalSources } from './local-sources.ts'

type Env = Readonly<Record<string, string | undefined>>

/** A source as `sluice init` proposes it. */
export interface Proposal {
  readonly id: string
  /** As it stands in the file: secrets only as `${env:…}`. */
  readonly url: string
  /** Where it comes from: `REDIS_URL`, `found on 127.0.0.1:6379`. */
  readonly from: string
  readonly sasl: { readonly mechanism: string; readonly username: string; readonly password: string } | null
}

/** Variables that hold a whole URL, by kind; the first that is set counts. */
const URLS: readonly {
  readonly id: string
  readonly names: readonly string[]
  readonly scheme: RegExp
  readonly port: number
}[] = [
  {
    id: 'redis-main',
    names: ['REDIS_URL', 'REDIS_TLS_URL', 'REDISCLOUD_URL', 'VALKEY_URL', 'CELERY_BROKER_URL'],
    scheme: /^rediss?(\+sentinel|\+cluster)?:\/\//,
    port: 6379,
  },
  {
    id: 'rabbit-main',
    names: ['AMQP_URL', 'RABBITMQ_URL', 'CLOUDAMQP_URL', 'CELERY_BROKER_URL'],
    scheme: /^amqps?:\/\//,
    port: 5672,
  },
  { id: 'kafka-main', names: ['KAFKA_URL'], scheme: /^kafkas?:\/\//, port: 9092 },
]
/** Variables that hold `host:port,host:port`. */
const KAFKA_LISTS = ['KAFKA_BROKERS', 'KAFKA_BOOTSTRAP_SERVERS', 'KAFKA_URL'] as const
const HOSTS = /^(PLAINTEXT:\/\/)?[\w.-]+(:\d{1,5})?(,[\w.-]+(:\d{1,5})?)*$/

/** What the environment and the usual local ports offer; a broker that both name is proposed once. */
export async function proposeSources(env: Env): Promise<readonly Proposal[]> {
  const named = envProposals(env)
  const { tried } = await findLocalSources()
  const local = tried
    .filter(({ listens, url }) => listens && !named.some((one) => isSameBroker(env, one, url)))
    .map(({ id, url }): Proposal => {
      // RabbitMQ's guest is the default of the configuration, too.
      const plain = url.replace(/\/\/[^@/]*@/, '//')
      return { id, url: plain, from: `found on ${new URL(plain).host}`, sasl: null }
    })
  return [...named, ...local]
}

/** What the environment alone offers. */
export function envProposals(env: Env): readonly Proposal[] {
  return [...urlProposals(env), ...kafkaProposals(env)]
}

function urlProposals(env: Env): readonly Proposal[] {
  return URLS.flatMap(({ id, names, scheme }) => {
    const name = names.find((one) => scheme.test(env[one] ?? ''))
    return name === undefined ? [] : [{ id, url: `\${env:${name}}`, from: name, sasl: null }]
  })
}

/** Addresses are no secret, and a list of them is no URL: they are written out. */
function kafkaProposals(env: Env): readonly Proposal[] {
  const name = KAFKA_LISTS.find((one) => HOSTS.test(env[one] ?? ''))
  if (name === undefined) return []
  const url = `kafka://${(env[name] ?? '').replace('PLAINTEXT://', '')}`
  const secret = ['KAFKA_PASSWORD', 'KAFKA_SASL_PASSWORD'].find((one) => env[one])
  const user = ['KAFKA_USERNAME', 'KAFKA_SASL_USERNAME'].find((one) => env[one])
  if (!secret || !user) return [{ id: 'kafka-main', url, from: name, sasl: null }]
  const mechanism = (env.KAFKA_SASL_MECHANISM ?? 'plain').toLowerCase()
  return [
    {
      id: 'kafka-main',
      url,
      from: name,
      sasl: { mechanism, username: `\${env:${user}}`, password: `\${env:${secret}}` },
    },
  ]
}

/** Whether a proposal from the environment leads to the local broker at `url`. */
function isSameBroker(env: Env, proposal: Proposal, url: string): boolean {
  const kind = URLS.find(({ scheme }) => scheme.test(url))
  const text = proposal.url.replace(/\$\{env:(\w+)\}/, (_, name: string) => env[name] ?? '')
  if (!kind?.scheme.test(text)) return false
  const hosts = text.replace(/^[^:]*:\/\/([^@/]*@)?/, '').split(/[/?]/)[0] ?? ''
  return hosts.split(',').some((host) => {
    const [name, port = String(kind.port)] = host.split(':')
    return (name === 'localhost' || name === '127.0.0.1') && url.includes(`:${port}`)
  })
}

/** The text of a `sluice.yaml` for these sources, with what else can be set as comments. */
export function configText(proposals: readonly Proposal[]): string {
  const sources = proposals.length === 0 ? EXAMPLES : proposals.map(sourceText).join('')
  return `${HEAD}\nsources:${proposals.length === 0 ? ' {}\n' : '\n'}${sources}${TAIL}`
}

function sourceText({ id, url, from, sasl }: Proposal): string {
  const lines = [`  # ${from}`, `  ${id}:`, `    url: ${JSON.stringify(url)}`]
  if (sasl) {
    const { mechanism, username, password } = sasl
    lines.push(
      `    sasl: { mechanism: ${mechanism}, username: ${JSON.stringify(username)}, password: ${JSON.stringify(password)} }`,
    )
  }
  return lines.map((line) => `${line}\n`).join('')
}

const HEAD = `# What Sluice reads and controls. \`sluice config check\` names every mistake, \`sluice doctor\` tries each source.
# Secrets stay outside: "\${env:NAME}" is an environment variable, "\${file:/run/secrets/name}" the text of a file.

server:
  host: 127.0.0.1 # loopback only: to reach it from elsewhere put a proxy with a login in front
  port: 7380
`

const EXAMPLES = `  # Nothing was found here. One entry for each broker, under a name of your choice:
  # redis-main: { url: "redis://127.0.0.1:6379/0" } # rediss://, redis+sentinel://…?master=main, redis+cluster://
  # rabbit-1: { url: "amqp://app:\${env:RABBIT_PASSWORD}@127.0.0.1:5672/", management: "http://127.0.0.1:15672" }
  # kafka-eu: { url: "kafka://127.0.0.1:9092,127.0.0.1:9093" }
`

const TAIL = `
# What is shown as a problem: the longest that a job or a record should wait.
objective:
  queueWait: 5m
  groupLag: 5m

# How often each kind is read. \`sluice doctor\` says what that costs the broker.
# collect: { redis: 2s, rabbitmq: 3s, kafka: 3s }

# Refuse everything that would change something:
# server: { readOnly: true }
`
