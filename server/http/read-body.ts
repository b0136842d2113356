import type { IncomingMessage } from 'node:http'
import { ProblemError } from './problem-error.ts'

const BODY_BYTES_MAX = 65_536
const FORGOTTEN_BYTES_MAX = 1_048_576
const DEPTH_MAX = 32

/** A JSON body and its text. @throws ProblemError too-large, bad-request */
export async function readBody(request: IncomingMessage): Promise<{ text: string; value: unknown }> {
  if (Number(request.headers['content-length'] ?? 0) > BODY_BYTES_MAX) throw tooLarge()
  if (request.headers['content-encoding'] !== undefined)
    throw new ProblemError('unsupported-type', 'The body must not be compressed')
  const text = (await collect(request)).toString('utf8')
  if (depthOf(text) > DEPTH_MAX) throw new ProblemError('bad-request', `The body is nested deeper than ${DEPTH_MAX}`)
  try {
    return { text, value: JSON.parse(text) }
  } catch {
    throw new ProblemError('bad-request', 'The body is not JSON')
  }
}

/** What comes after the limit is read and forgotten, so that the refusal can be read too. */
function collect(request: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let bytes = 0
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes <= BODY_BYTES_MAX) chunks.push(chunk)
      else reject(tooLarge())
      if (bytes > FORGOTTEN_BYTES_MAX) request.destroy()
    })
    request.on('end', () => resolve(Buffer.concat(chunks)))
    request.on('error', () => reject(new ProblemError('bad-request', 'The body ended too early')))
  })
}

function tooLarge(): ProblemError {
  return new ProblemError('too-large', `A body has at most ${BODY_BYTES_MAX} bytes`)
}

/** Nesting of JSON text, read before anything is made of it. */
function depthOf(text: string): number {
  let depth = 0
  let deepest = 0
  let isText = false
  for (let at = 0; at < text.length; at++) {
    const char = text[at]
    if (isText) {
      if (char === '\\') at++
      else if (char === '"') isText = false
    } else if (char === '"') isText = true
    else if (char === '[' || char === '{') deepest = Math.max(deepest, ++depth)
    else if (char === ']' || char === '}') depth--
  }
  return deepest
}
