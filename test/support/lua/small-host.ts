import type { ScriptHost } from '../../../server/broker/redis/lua/script-host.ts'
import {
  DoubleReply,
  ErrorReply,
  MapReply,
  type Reply,
  SetReply,
  Status,
  VerbatimReply,
} from '../../../server/broker/redis/reply.ts'

/** A world of a few commands on a Map, enough for scripts about the language. */
export function smallHost(): ScriptHost {
  const store = new Map<string, string>()
  const commands: Readonly<Record<string, { least: number; most: number; run(args: readonly string[]): Reply }>> = {
    get: { least: 1, most: 1, run: ([key = '']) => store.get(key) ?? null },
    set: {
      least: 2,
      most: 2,
      run([key = '', value = '']) {
        store.set(key, value)
        return new Status('OK')
      },
    },
    incr: {
      least: 1,
      most: 1,
      run([key = '']) {
        const value = store.get(key) ?? '0'
        if (!/^-?\d+$/.test(value)) return new ErrorReply('ERR value is not an integer or out of range')
        store.set(key, String(Number(value) + 1))
        return Number(value) + 1
      },
    },
    del: { least: 1, most: 9, run: (keys) => keys.filter((key) => store.delete(key)).length },
    echo: { least: 1, most: 1, run: ([text = '']) => text },
    ping: { least: 0, most: 1, run: ([text]) => text ?? new Status('PONG') },
    command: { least: 0, most: 9, run: ([, name = '']) => [Object.hasOwn(commands, name) ? [name] : null] },
  }
  return {
    call([name = '', ...args]) {
      const word = name.toLowerCase()
      if (/^(eval|subscribe|multi|exec|blpop)$/.test(word)) {
        return new ErrorReply('ERR This Redis command is not allowed from script')
      }
      const command = Object.hasOwn(commands, word) ? commands[word] : undefined
      if (command === undefined) return new ErrorReply('ERR Unknown Redis command called from script')
      if (args.length < command.least || args.length > command.most) {
        return new ErrorReply('ERR Wrong number of args calling Redis command from script')
      }
      return command.run(args)
    },
    log() {},
    elapsedMs: () => performance.now(),
    tookMs: 0,
  }
}

/** An answer in RESP2. */
export function bytesOf(reply: Reply): string {
  if (reply === null) return '$-1\r\n'
  if (typeof reply === 'string') return `$${reply.length}\r\n${reply}\r\n`
  if (typeof reply === 'boolean') return reply ? ':1\r\n' : ':0\r\n'
  if (typeof reply === 'number' || typeof reply === 'bigint') return `:${reply}\r\n`
  if (reply instanceof Status) return `+${reply.text}\r\n`
  if (reply instanceof ErrorReply) return `-${reply.text}\r\n`
  if (reply instanceof DoubleReply) return bytesOf(String(reply.value))
  if (reply instanceof VerbatimReply) return bytesOf(reply.text)
  if (reply instanceof MapReply) return bytesOf(reply.pairs)
  if (reply instanceof SetReply) return bytesOf(reply.items)
  if (Array.isArray(reply)) return `*${reply.length}\r\n${reply.map(bytesOf).join('')}`
  return '$-1\r\n'
}
