import { OpsError } from '../../domain/errors.ts'
import type { Cost } from '../../domain/snapshot.ts'
import type { HostPort, RedisSettings } from '../settings.ts'
import { replyFault } from './faults.ts'
import { LINK_TIMEOUTS, Link, type LinkOptions, listOf, type Reply, ReplyError } from './link.ts'
import { keySlot } from './slots.ts'

/** The connections to one Redis: one, or one per master of a Cluster. */
export interface Topology {
  readonly links: readonly Link[]
  /** The link that serves a key; null when no node serves its slot. */
  linkOf(key: string): Link | null
  /** Why it can no longer be used; null while it can. One lost node ends all: the layout may have changed. */
  fault(): OpsError | null
  cost(): Cost
  close(): void
}

/** Connects by the configured form. Rejects with OpsError; leaves no connection open then. */
export async function openTopology(settings: RedisSettings, signal: AbortSignal): Promise<Topology> {
  if (settings.mode === 'cluster') return openCluster(settings, signal)
  const node = settings.mode === 'sentinel' ? await askSentinels(settings, signal) : settings.nodes[0]
  if (!node) throw new OpsError('invalid', 'connect', 'redis: no host is configured')
  const link = await Link.open(node, optionsOf(settings), signal)
  return topologyOf([link], () => link)
}

function optionsOf({ username, password, db, tls }: RedisSettings): LinkOptions {
  return { username, password, db, tls, ...LINK_TIMEOUTS }
}

function topologyOf(links: readonly Link[], linkOf: (key: string) => Link | null): Topology {
  return {
    links,
    linkOf,
    fault: () => links.find((link) => link.fault)?.fault ?? null,
    cost: () =>
      links.reduce(
        (sum, { cost }) => ({
          commands: sum.commands + cost.commands,
          bytesSent: sum.bytesSent + cost.bytesSent,
          bytesRead: sum.bytesRead + cost.bytesRead,
        }),
        { commands: 0, bytesSent: 0, bytesRead: 0 },
      ),
    close: () => {
      for (const link of links) link.close()
    },
  }
}

/** Asks one sentinel after another where the master is; the first answer counts. */
async function askSentinels(settings: RedisSettings, signal: AbortSignal): Promise<HostPort> {
  let last: unknown = null
  for (const sentinel of settings.nodes) {
    let link: Link | null = null
    try {
      link = await Link.open(
        sentinel,
        {
          username: null,
          password: settings.sentinelPassword,
          db: 0,
          tls: settings.tls,
          // Several must fit into one snapshot's deadline.
          connectTimeoutMs: SENTINEL_TIMEOUT_MS,
          commandTimeoutMs: SENTINEL_TIMEOUT_MS,
        },
        signal,
      )
      const reply = await link.ask('sentinel', ['SENTINEL', 'GET-MASTER-ADDR-BY-NAME', settings.master ?? ''], signal)
      const [host, port] = listOf(reply)
      if (typeof host === 'string' && Number(port) > 0) return { host, port: Number(port) }
      last = new OpsError('not-found', 'sentinel', `sentinel ${link.address} knows no master "${settings.master}"`)
    } catch (thrown) {
      last = thrown
    } finally {
      link?.close()
    }
  }
  throw last ?? new OpsError('invalid', 'sentinel', 'redis: no sentinel is configured')
}

const SENTINEL_TIMEOUT_MS = 1_000

/** Learns the slots from the first node that answers, then connects to every master (≤ CLUSTER_MASTERS_MAX). */
async function openCluster(settings: RedisSettings, signal: AbortSignal): Promise<Topology> {
  const options: LinkOptions = { ...optionsOf(settings), db: 0 }
  let last: unknown = null
  for (const seed of settings.nodes) {
    let first: Link | null = null
    try {
      first = await Link.open(seed, options, signal)
      const ranges = parseSlots(await first.run('cluster', [['CLUSTER', 'SLOTS']], signal), seed, first.address)
      const links = await openAll(
        [...new Map(ranges.map(({ node }) => [nameOf(node), node])).values()],
        options,
        signal,
      )
      return topologyOf(links, (key) => {
        const slot = keySlot(key)
        const range = ranges.find(({ from, to }) => slot >= from && slot <= to)
        const at = range ? links.findIndex(({ address }) => address === nameOf(range.node)) : -1
        return links[at] ?? null
      })
    } catch (thrown) {
      last = thrown
    } finally {
      first?.close()
    }
  }
  throw last ?? new OpsError('invalid', 'connect', 'redis: no cluster node is configured')
}

async function openAll(
  nodes: readonly HostPort[],
  options: LinkOptions,
  signal: AbortSignal,
): Promise<readonly Link[]> {
  const opened = await Promise.allSettled(nodes.map((node) => Link.open(node, options, signal)))
  const links = opened.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
  const failed = opened.find((result) => result.status === 'rejected')
  if (!failed) return links
  for (const link of links) link.close()
  throw failed.reason
}

interface SlotRange {
  readonly from: number
  readonly to: number
  readonly node: HostPort
}

/** Each master costs a connection. A larger cluster is not refused for its size but because nobody has tried it here. */
const CLUSTER_MASTERS_MAX = 100

/** `CLUSTER SLOTS`: [[from, to, [host, port, …master], …replicas], …]. A host of '' or '?' means the node that was asked. */
function parseSlots([reply]: readonly Reply[], seed: HostPort, address: string): readonly SlotRange[] {
  if (reply instanceof ReplyError) throw replyFault('cluster', address, reply.text)
  const ranges = listOf(reply).flatMap((row): SlotRange[] => {
    if (!Array.isArray(row) || !Array.isArray(row[2])) return []
    const [from, to, [host, port]] = row
    if (typeof host !== 'string' || !(Number(port) > 0)) return []
    const node = { host: host === '' || host === '?' ? seed.host : host, port: Number(port) }
    return [{ from: Number(from), to: Number(to), node }]
  })
  const masters = new Set(ranges.map(({ node }) => nameOf(node))).size
  if (masters === 0) throw new OpsError('unreachable', 'cluster', `redis ${address}: its cluster serves no slots yet`)
  if (masters > CLUSTER_MASTERS_MAX) {
    throw new OpsError('unsupported', 'cluster', `redis ${address}: ${masters} masters; at most ${CLUSTER_MASTERS_MAX}`)
  }
  return ranges
}

function nameOf({ host, port }: HostPort): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}
