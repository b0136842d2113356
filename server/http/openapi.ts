import { OpenAPIRegistry, OpenApiGeneratorV31 } from '@asteasolutions/zod-to-openapi'
import { API_BASE } from '../api/paths.ts'
import { problem } from '../api/problem.ts'
import { READS, ROUTES } from '../api/routes.ts'
import { WRITES } from '../api/writes.ts'
import { z } from '../api/zod.ts'

/** OpenAPI 3.1 of the whole API, from the schemas that check each request. */
export function openApi(version: string): object {
  const registry = new OpenAPIRegistry()
  const problemAnswer = (description: string) => ({
    description,
    content: { 'application/problem+json': { schema: problem } },
  })
  for (const [name, { path, summary, params, query, body }] of Object.entries({ ...ROUTES, ...READS })) {
    registry.registerPath({
      method: 'get',
      operationId: name,
      path: `${API_BASE}${path.replace(/:(\w+)/g, '{$1}')}`,
      summary,
      request: { params, query },
      responses: {
        200: { description: 'What is known now', content: { 'application/json': { schema: body } } },
        400: problemAnswer('The path or query is not understood'),
        404: problemAnswer('No such thing; `candidates` names the nearest'),
      },
    })
  }
  for (const [name, { path, summary, params, request, body, isWrite }] of Object.entries(WRITES)) {
    registry.registerPath({
      method: 'post',
      operationId: name,
      path: `${API_BASE}${path.replace(/:(\w+)(?=\/|$)/g, (word, id) => (path.includes(`/${word}`) ? `{${id}}` : word))}`,
      summary,
      request: {
        params,
        body: { required: true, content: { 'application/json': { schema: request } } },
        ...(isWrite ? { headers: z.object({ 'Idempotency-Key': z.string().min(1).max(128) }) } : {}),
      },
      responses: {
        200: {
          description: 'Done; for each target what became of it',
          content: { 'application/json': { schema: body } },
        },
        400: problemAnswer('The body is not understood, or the Idempotency-Key is missing'),
        401: problemAnswer('Not signed in'),
        403: problemAnswer('From a page of another origin, or the server only reads'),
        404: problemAnswer('No such thing'),
        409: problemAnswer('`changed`: not what the preview showed; `conflict`: somebody else was faster'),
        413: problemAnswer('The body, or what it matches, is too large'),
        415: problemAnswer('Not JSON'),
        422: problemAnswer(
          '`unsupported`: nothing makes this true here; `key-reused`: the key was sent with another body',
        ),
        429: problemAnswer('Too many in a minute; Retry-After says how long to wait'),
        503: problemAnswer('The source cannot be reached'),
        504: problemAnswer('The source did not answer in time: it is not known whether it was done'),
      },
    })
  }
  registry.registerPath({
    method: 'get',
    operationId: 'live',
    path: `${API_BASE}/live`,
    summary:
      'Follow up to 24 paths (those with `asOfMs` and `sources` in their body; ?path=/overview&path=/queues) as server-sent events: result, problem, beat, bye',
    responses: { 200: { description: 'A stream', content: { 'text/event-stream': { schema: { type: 'string' } } } } },
  })
  return new OpenApiGeneratorV31(registry.definitions).generateDocument({
    openapi: '3.1.0',
    info: {
      title: 'Sluice',
      version,
      description: 'Redis job queues, RabbitMQ and Kafka: true numbers, with their age. Unknown is null.',
    },
  })
}
