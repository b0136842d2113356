import { OpenAPIRegistry, OpenApiGeneratorV31 } from '@asteasolutions/zod-to-openapi'
import { API_BASE } from '../api/paths.ts'
import { problem } from '../api/problem.ts'
import { ROUTES } from '../api/routes.ts'

/** OpenAPI 3.1 of the whole API, from the schemas that check each request. */
export function openApi(version: string): object {
  const registry = new OpenAPIRegistry()
  const problemAnswer = (description: string) => ({
    description,
    content: { 'application/problem+json': { schema: problem } },
  })
  for (const [name, { path, summary, params, query, body }] of Object.entries(ROUTES)) {
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
  registry.registerPath({
    method: 'get',
    operationId: 'live',
    path: `${API_BASE}/live`,
    summary:
      'Follow up to 24 of the paths above (?path=/overview&path=/queues) as server-sent events: result, problem, beat, bye',
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
