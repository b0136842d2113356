import type { ControlBody } from '../../server/api/control.ts'
import type { GroupBody } from '../../server/api/group.ts'
import { onePath, sagaPath } from '../../server/api/paths.ts'
import type { QueueBody } from '../../server/api/queue.ts'
import type { RunBody } from '../../server/api/run.ts'
import type { SagaBody } from '../../server/api/saga.ts'
import type { SourceBody } from '../../server/api/source.ts'
import type { TopicBody } from '../../server/api/topic.ts'
import { parseReference } from '../../server/domain/reference.ts'
import type { CellContext } from '../columns/column.ts'
import { describeControl } from './control.ts'
import type { Description } from './description.ts'
import { describeGroup } from './group.ts'
import { describeQueue } from './queue.ts'
import { describeRun } from './run.ts'
import { describeSaga } from './saga.ts'
import { describeSource } from './source.ts'
import { describeTopic } from './topic.ts'

/** Something with a page of its own: where the API has it, and how its body is described. */
export interface Subject {
  readonly kind: 'queue' | 'topic' | 'group' | 'run' | 'saga' | 'control' | 'source'
  readonly path: string
}

const CONTROL_ID = /^ctl_[0-9A-Za-z]+$/

export function controlPath(id: string): string {
  return `/controls/${encodeURIComponent(id)}`
}

/** A reference, a control's or a source's id as the subject it names; null for kinds that have no page of their own. */
export function subjectOf(text: string): Subject | null {
  if (CONTROL_ID.test(text)) return { kind: 'control', path: controlPath(text) }
  if (!text.includes('/')) return { kind: 'source', path: `/sources/${encodeURIComponent(text)}` }
  const reference = parseReference(text)
  if (!reference) return null
  const { kind, source, tail } = reference
  if (kind === 'queue') return { kind, path: onePath('queues', source, tail) }
  if (kind === 'topic') return { kind, path: onePath('topics', source, tail) }
  if (kind === 'group') return { kind, path: onePath('groups', source, tail) }
  if (kind === 'run') return { kind, path: onePath('runs', source, tail) }
  if (kind === 'saga') return { kind, path: sagaPath(source, tail) }
  return null
}

/** The body that the API has at the subject's path, described. */
export function describeBody(kind: Subject['kind'], body: unknown, context: CellContext): Description {
  if (kind === 'queue') return describeQueue(body as QueueBody, context)
  if (kind === 'group') return describeGroup(body as GroupBody, context)
  if (kind === 'topic') return describeTopic(body as TopicBody, context)
  if (kind === 'run') return describeRun(body as RunBody, context)
  if (kind === 'saga') return describeSaga(body as SagaBody, context)
  if (kind === 'control') return describeControl(body as ControlBody, context)
  return describeSource(body as SourceBody, context)
}

/** True while a part that is read only while somebody looks has not come yet. */
export function isPartial(kind: Subject['kind'], body: unknown): boolean {
  if (kind === 'group') return (body as GroupBody).members === null
  return kind === 'topic' && (body as TopicBody).detail === null
}
