import { pino } from 'pino'
import type { Log } from './domain/log.ts'

/** JSON lines on stderr, so that stdout stays free for what a command prints. Fields that name secrets are redacted. */
export function createLog(level: string): Log {
  const secrets = ['password', 'token', 'secret', 'authorization', 'cookie']
  const paths = secrets.flatMap((key) => [key, `*.${key}`])
  const logger = pino(
    { level, base: null, redact: { paths, censor: '***' } },
    pino.destination({ dest: 2, sync: true }),
  )
  return {
    debug: (event, fields) => logger.debug(fields ?? {}, event),
    info: (event, fields) => logger.info(fields ?? {}, event),
    warn: (event, fields) => logger.warn(fields ?? {}, event),
    error: (event, fields) => logger.error(fields ?? {}, event),
  }
}
