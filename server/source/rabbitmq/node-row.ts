import type { Node } from '../../domain/snapshot.ts'
import { asCount, asObjects, asText, type JsonObject } from './json.ts'
import type { Overview } from './overview.ts'

export const NODE_COLUMNS = 'name,running,type,mem_alarm,disk_free_alarm,mem_used,mem_limit,partitions'

/** A node of `/api/nodes`; null when the row is not one. */
export function readNode(row: JsonObject, overview: Overview): Node | null {
  const name = asText(row.name)
  if (name === null) return null
  const alarms = [
    row.running === false ? 'not running' : null,
    row.mem_alarm === true ? 'memory alarm' : null,
    row.disk_free_alarm === true ? 'disk alarm' : null,
    Array.isArray(row.partitions) && row.partitions.length > 0 ? 'network partition' : null,
  ].filter((alarm) => alarm !== null)
  return {
    name,
    role: null,
    // Only the node that answered tells its version: during an upgrade the others may differ.
    version: name === overview.node ? overview.version : null,
    memoryBytes: asCount(row.mem_used),
    memoryLimitBytes: asCount(row.mem_limit),
    connections: null,
    alarms,
  }
}

/** Whether the row is of a node that is up: its queues' counts are told by its own Prometheus port. */
export function isRunning(row: JsonObject): boolean {
  return row.running !== false
}

export function readNodes(answer: unknown, overview: Overview): readonly Node[] {
  const nodes = (asObjects(answer) ?? []).map((row) => readNode(row, overview)).filter((node) => node !== null)
  // The broker counts connections for the whole cluster: with one node they are its own.
  return nodes.length === 1 ? nodes.map((node) => ({ ...node, connections: overview.connections })) : nodes
}

/** Without the right to read nodes: the one that answered, and what the health check says (`[{node, resource}]`). */
export function nodeOfOverview(overview: Overview, alarms: readonly JsonObject[]): Node {
  return {
    name: overview.node ?? 'rabbitmq',
    role: null,
    version: overview.version,
    memoryBytes: null,
    memoryLimitBytes: null,
    connections: null,
    alarms: [...new Set(alarms.map(({ resource }) => `${asText(resource) ?? 'resource'} alarm`))],
  }
}
