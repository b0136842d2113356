import { ErrorReply } from '../reply.ts'

const FLAGS: readonly string[] = ['no-writes', 'allow-oom', 'allow-stale', 'no-cluster', 'allow-cross-slot-keys']

/** A script without its first line `#!lua flags=…`, whose line break stays, so that lines keep their numbers. */
export function shebangless(source: string): string {
  if (!source.startsWith('#!')) return source
  const end = source.indexOf('\n')
  if (end < 0) throw new ErrorReply('ERR Invalid script shebang')
  const [engine = '', ...options] = source
    .slice(0, end)
    .split(' ')
    .filter((word) => word !== '')
  if (engine !== '#!lua') throw new ErrorReply(`ERR Unexpected engine in script shebang: ${engine}`)
  for (const option of options) {
    if (!option.startsWith('flags=')) throw new ErrorReply(`ERR Unknown lua shebang option: ${option}`)
    for (const flag of option.slice('flags='.length).split(',')) {
      if (flag !== '' && !FLAGS.includes(flag)) throw new ErrorReply(`ERR Unexpected flag in script shebang: ${flag}`)
    }
  }
  return source.slice(end)
}
