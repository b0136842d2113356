import { asCount, asObject, asText } from './json.ts'

export interface Overview {
  readonly product: 'rabbitmq' | 'lavinmq'
  readonly version: string | null
  /** The node that answered. */
  readonly node: string | null
  /** Whether lists carry statistics at all (`management_agent.disable_metrics_collector` turns them off). */
  readonly hasStatistics: boolean
  readonly queues: number | null
  readonly connections: number | null
}

/** Reads `/api/overview`; null when the answer is not one. */
export function readOverview(answer: unknown): Overview | null {
  const overview = asObject(answer)
  if (!overview) return null
  const lavinVersion = asText(overview.lavinmq_version)
  const version = asText(overview.rabbitmq_version) ?? lavinVersion
  if (version === null && !asText(overview.management_version)) return null
  const totals = asObject(overview.object_totals)
  return {
    product: lavinVersion === null ? 'rabbitmq' : 'lavinmq',
    version: version ?? asText(overview.management_version),
    node: asText(overview.node),
    hasStatistics: overview.disable_stats !== true,
    queues: asCount(totals?.queues),
    connections: asCount(totals?.connections),
  }
}
