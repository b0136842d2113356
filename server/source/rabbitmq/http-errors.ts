import { messageOf, type OpsCode, OpsError } from '../../domain/errors.ts'
import { asObject, asText } from './json.ts'

const REASON_CHARS_MAX = 200

/** What a failed request means. Node's messages name host and port, never a header. */
export function requestFailed(peer: string, error: unknown): OpsError {
  if (error instanceof OpsError) return error
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return new OpsError(codeOf(code), 'get', `${peer}: ${wordsOf(code) ?? messageOf(error)}`, error)
}

function codeOf(code: string): OpsCode {
  if (code.startsWith('HPE_') || code === 'EPROTO' || code === 'ERR_SSL_WRONG_VERSION_NUMBER') return 'malformed'
  if (code.includes('CERT') || code.startsWith('ERR_TLS')) return 'refused'
  return 'unreachable'
}

function wordsOf(code: string): string | null {
  if (code === 'ECONNREFUSED') return 'connection refused'
  if (code === 'ECONNRESET' || code === 'EPIPE') return 'connection lost'
  if (code === 'ENOTFOUND') return 'host name not found'
  if (code.startsWith('HPE_')) return 'does not speak HTTP'
  return null
}

/** What an answer other than 200 means. RabbitMQ says `{error, reason}`. */
export function badAnswer(peer: string, status: number, body: string): OpsError {
  const said = reasonOf(body)
  const message = `${peer}: ${status}${said ? ` ${said}` : ''}`
  if (status === 401 || status === 403) return new OpsError('refused', 'get', message)
  if (status === 404) return new OpsError('not-found', 'get', message)
  if (status >= 300 && status < 400) {
    return new OpsError(
      'malformed',
      'get',
      `${message}: a redirect, which is not followed; configure the final address`,
    )
  }
  return new OpsError(status >= 500 ? 'unreachable' : 'unsupported', 'get', message)
}

function reasonOf(body: string): string | null {
  if (body.length > 10_000) return null
  try {
    const answer = asObject(JSON.parse(body))
    return asText(answer?.reason)?.slice(0, REASON_CHARS_MAX) ?? null
  } catch {
    return null
  }
}
