import { lookup } from 'node:dns/promises'
import { connect, isIP } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { Check } from './doctor.ts'
import type { Clock } from './domain/clock.ts'
import { messageOf } from './domain/errors.ts'
import type { HostPort, SourceSettings, TlsSettings } from './source/settings.ts'

/** Where a source is to be found. */
export interface Address extends HostPort {
  readonly tls: TlsSettings | null
  /** What it is, where that is not plain from the source; null otherwise. */
  readonly part: string | null
}

const CONNECT_MS = 3_000
/** A certificate that ends sooner is worth a word. */
const CERTIFICATE_MS = 14 * 86_400_000

/** Every address that is configured. Of RabbitMQ the one that is read: the management API, else AMQP. */
export function addressesOf(settings: SourceSettings): readonly Address[] {
  if (settings.kind === 'redis') return settings.nodes.map((node) => ({ ...node, tls: settings.tls, part: null }))
  if (settings.kind === 'kafka') return settings.brokers.map((node) => ({ ...node, tls: settings.tls, part: null }))
  const { amqp, management } = settings
  if (management === null) return [{ host: amqp.host, port: amqp.port, tls: amqp.tls, part: null }]
  const { hostname, port, protocol } = new URL(management.url)
  const host = hostname.replace(/^\[|\]$/g, '')
  return [
    { host, port: Number(port || (protocol === 'https:' ? 443 : 80)), tls: management.tls, part: 'the management API' },
  ]
}

/** Name, connection, certificate of all. One address of several that fails is a warning: a client finds the others. */
export async function checkAddresses(
  addresses: readonly Address[],
  { signal, clock }: { readonly signal: AbortSignal; readonly clock: Clock },
): Promise<readonly Check[]> {
  const dns = await each('dns', addresses, (address) => resolveName(address, signal))
  if (dns.state === 'failed') return [dns]
  const tcp = await each('tcp', addresses, (address) => connectTo(address, signal))
  if (tcp.state === 'failed') return [dns, tcp]
  const secured = addresses.filter(({ tls }) => tls !== null)
  if (secured.length === 0) return [dns, tcp, NO_TLS]
  return [dns, tcp, await each('tls', secured, (address) => shakeHands(address, { signal, nowMs: clock.nowMs() }))]
}

const NO_TLS: Check = { step: 'tls', state: 'skipped', found: 'not configured', remedy: null }

/** What one address answered: an error has a remedy. */
type Finding = Omit<Check, 'step'>

async function each(
  step: Check['step'],
  addresses: readonly Address[],
  look: (address: Address) => Promise<Finding>,
): Promise<Check> {
  const findings = await Promise.all(addresses.map(look))
  const bad = findings.filter(({ state }) => state !== 'ok')
  const [first] = bad.length > 0 ? bad : findings
  if (!first) return { step, state: 'skipped', found: 'no address', remedy: null }
  const isPartly = first.state === 'failed' && bad.length < findings.length
  const found =
    findings.length === 1 ? first.found : (bad.length > 0 ? bad : findings).map((one) => one.found).join('; ')
  return { step, state: isPartly ? 'warning' : first.state, found, remedy: first.remedy }
}

async function resolveName({ host }: Address, signal: AbortSignal): Promise<Finding> {
  if (isIP(host) !== 0) return { state: 'ok', found: `${host} is an address`, remedy: null }
  try {
    const found = await within(lookup(host, { all: true }), signal)
    return { state: 'ok', found: `${host} is ${found.map(({ address }) => address).join(', ')}`, remedy: null }
  } catch (thrown) {
    const remedy = 'correct the host name, or see whether this machine is in the network that knows it (VPN, cluster)'
    return { state: 'failed', found: `${host}: ${codeOf(thrown)}`, remedy }
  }
}

function connectTo({ host, port, part }: Address, signal: AbortSignal): Promise<Finding> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: CONNECT_MS })
    const name = `${host}:${port}${part === null ? '' : ` (${part})`}`
    const end = (finding: Finding) => {
      signal.removeEventListener('abort', onAbort)
      socket.destroy()
      resolve(finding)
    }
    const failed = (code: string) =>
      end({
        state: 'failed',
        found: `${name}: ${code}`,
        remedy: (part && MANAGEMENT_REMEDY) ?? TCP_REMEDIES[code] ?? TCP_REMEDY,
      })
    const onAbort = () => failed('timeout')
    signal.addEventListener('abort', onAbort, { once: true })
    socket.once('connect', () => end({ state: 'ok', found: `${name} accepts connections`, remedy: null }))
    socket.once('timeout', () => failed('timeout'))
    socket.once('error', (error) => failed(codeOf(error)))
  })
}

const MANAGEMENT_REMEDY =
  'RabbitMQ is read by its management API: rabbitmq-plugins enable rabbitmq_management, or set management: "http://host:port"'
const TCP_REMEDY = 'see whether a firewall stands between, and whether the port is right'
const TCP_REMEDIES: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there: start the broker, or correct the port; in a container publish it (-p)',
  EHOSTUNREACH: 'there is no way to that host: see routes and VPN',
}

function shakeHands(
  { host, port, tls }: Address,
  { signal, nowMs }: { readonly signal: AbortSignal; readonly nowMs: number },
): Promise<Finding> {
  return new Promise((resolve) => {
    const name = tls?.serverName ?? (isIP(host) === 0 ? host : null)
    const socket = connectTls({
      ...{ host, port, rejectUnauthorized: true, minVersion: 'TLSv1.2', timeout: CONNECT_MS },
      ...(tls?.ca ? { ca: tls.ca } : {}),
      ...(name === null ? {} : { servername: name }),
    })
    const end = (finding: Finding) => {
      signal.removeEventListener('abort', onAbort)
      socket.destroy()
      resolve(finding)
    }
    const onAbort = () => end({ state: 'failed', found: `${host}:${port}: timeout`, remedy: TLS_REMEDY })
    signal.addEventListener('abort', onAbort, { once: true })
    socket.once('secureConnect', () =>
      end(certificateOf(socket.getPeerCertificate().valid_to, socket.getProtocol(), nowMs)),
    )
    socket.once('timeout', onAbort)
    socket.once('error', (error) => {
      const isUntrusted = /CERT|SELF_SIGNED|UNABLE_TO|ALTNAME/.test(codeOf(error))
      const remedy = isUntrusted
        ? 'set tls: { ca: "${file:/path/ca.pem}" }, or serverName where the name differs'
        : TLS_REMEDY
      end({ state: 'failed', found: `${host}:${port}: ${codeOf(error)}`, remedy })
    })
  })
}

const TLS_REMEDY =
  'it does not speak TLS 1.2 or newer on this port: use its TLS port, or the form of the URL without TLS'

function certificateOf(validTo: string, protocol: string | null, nowMs: number): Finding {
  const found = `${protocol ?? 'TLS'}, the certificate is good until ${validTo}`
  const isSoon = Date.parse(validTo) - nowMs < CERTIFICATE_MS
  return isSoon ? { state: 'warning', found, remedy: 'renew the certificate' } : { state: 'ok', found, remedy: null }
}

/** DNS takes no signal: what it finds too late is let go. */
function within<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = () => reject(new Error('no answer in time'))
    if (signal.aborted) late()
    signal.addEventListener('abort', late, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', late))
  })
}

function codeOf(thrown: unknown): string {
  const isCoded = typeof thrown === 'object' && thrown !== null && 'code' in thrown
  return isCoded ? String(thrown.code) : messageOf(thrown)
}
