import { ErrorReply } from '../reply.ts'
import type { ScriptFlags } from './script-host.ts'

const FLAGS: readonly string[] = ['no-writes', 'allow-oom', 'allow-stale', 'no-cluster', 'allow-cross-slot-keys']

interface Script {
  /** What is to be compiled. The line break of the first line stays, so that lines keep their numbers. */
  readonly body: string
  readonly flags: ScriptFlags | null
}

/** A script and its first line `#!lua flags=…`, if it has one. Throws ErrorReply. */
export function withoutShebang(source: string): Script {
  if (!source.startsWith('#!')) return { body: source, flags: null }
  const end = source.indexOf('\n')
  if (end < 0) throw new ErrorReply('ERR Invalid script shebang')
  const [engine = '', ...options] = source
    .slice(0, end)
    .split(' ')
    .filter((word) => word !== '')
  if (engine !== '#!lua') throw new ErrorReply(`ERR Unexpected engine in script shebang: ${engine}`)
  const flags: string[] = []
  for (const option of options) {
    if (!option.startsWith('flags=')) throw new ErrorReply(`ERR Unknown lua shebang option: ${option}`)
    for (const flag of option.slice('flags='.length).split(',')) {
      if (flag !== '' && !FLAGS.includes(flag)) throw new ErrorReply(`ERR Unexpected flag in script shebang: ${flag}`)
      flags.push(flag)
    }
  }
  const allowsOom = flags.includes('allow-oom')
  return { body: source.slice(end), flags: { writesNothing: flags.includes('no-writes'), allowsOom } }
}
