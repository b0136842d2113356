import type { Source, SourceContext } from '../domain/source.ts'
import { openKafka } from './kafka/open.ts'
import { openRabbitmq } from './rabbitmq/open.ts'
import { openRedis } from './redis/open.ts'
import type { SourceSettings } from './settings.ts'

/** A source for its settings. Connects at the first collect, never here. */
export function openSource(settings: SourceSettings, context: SourceContext): Source {
  if (settings.kind === 'redis') return openRedis(settings, context)
  if (settings.kind === 'rabbitmq') return openRabbitmq(settings, context)
  return openKafka(settings, context)
}
