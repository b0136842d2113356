import { integerOf } from '../arguments.ts'
import type { EngineCall } from '../call.ts'
import type { Command } from '../command.ts'
import { ErrorReply, OK, type Reply } from '../reply.ts'

const NO_KEYS = [0, 0, 0] as const
const FLAGS = ['noscript', 'stale'] as const
const READ_ONLY_FLAGS = ['noscript', 'stale', 'readonly'] as const
const NOSCRIPT = 'NOSCRIPT No matching script. Please use EVAL.'

/** https://redis.io/docs/latest/commands/?group=scripting, without functions. */
export const scripting: readonly Command[] = [
  {
    name: 'eval',
    arity: -3,
    flags: FLAGS,
    keys: NO_KEYS,
    keysOf,
    run: (call: EngineCall, args) => evaluate(call, args, false),
  },
  {
    name: 'eval_ro',
    arity: -3,
    flags: READ_ONLY_FLAGS,
    keys: NO_KEYS,
    keysOf,
    run: (call: EngineCall, args) => evaluate(call, args, true),
  },
  {
    name: 'evalsha',
    arity: -3,
    flags: FLAGS,
    keys: NO_KEYS,
    keysOf,
    run: (call: EngineCall, args) => evaluateSha(call, args, false),
  },
  {
    name: 'evalsha_ro',
    arity: -3,
    flags: READ_ONLY_FLAGS,
    keys: NO_KEYS,
    keysOf,
    run: (call: EngineCall, args) => evaluateSha(call, args, true),
  },
  {
    name: 'script|load',
    arity: 3,
    flags: ['noscript', 'stale'],
    keys: NO_KEYS,
    run: ({ engine }: EngineCall, args) => engine.scripts.load(args[2] as string, 'load'),
  },
  {
    name: 'script|exists',
    arity: -3,
    flags: ['noscript'],
    keys: NO_KEYS,
    run: ({ engine }: EngineCall, args) => args.slice(2).map((sha) => (engine.scripts.has(sha.toLowerCase()) ? 1 : 0)),
  },
  {
    name: 'script|flush',
    arity: -2,
    flags: ['noscript'],
    keys: NO_KEYS,
    run({ engine }: EngineCall, args) {
      if (args.length > 3 || (args.length === 3 && !['sync', 'async'].includes((args[2] as string).toLowerCase()))) {
        throw new ErrorReply('ERR SCRIPT FLUSH only support SYNC|ASYNC option')
      }
      engine.scripts.flush()
      return OK
    },
  },
  {
    name: 'script|kill',
    arity: 2,
    flags: ['noscript'],
    keys: NO_KEYS,
    // While a script runs, nothing else is read: whoever asks comes when none does.
    run: () => new ErrorReply('NOTBUSY No scripts in execution right now.'),
  },
]

function evaluate(call: EngineCall, args: readonly string[], isReadOnly: boolean): Reply {
  const count = keyCount(args)
  return runScript(call, args, { sha: call.engine.scripts.load(args[1] as string, 'eval'), count, isReadOnly })
}

function evaluateSha(call: EngineCall, args: readonly string[], isReadOnly: boolean): Reply {
  const count = keyCount(args)
  const given = args[1] as string
  const { scripts } = call.engine
  if (given.length !== 40) throw new ErrorReply(NOSCRIPT)
  const sha = scripts.has(given) ? given : given.toLowerCase()
  if (!scripts.has(sha)) throw new ErrorReply(NOSCRIPT)
  return runScript(call, args, { sha, count, isReadOnly })
}

function keyCount(args: readonly string[]): number {
  const count = integerOf(args[2] as string)
  if (count > args.length - 3) throw new ErrorReply("ERR Number of keys can't be greater than number of args")
  if (count < 0) throw new ErrorReply("ERR Number of keys can't be negative")
  return count
}

function runScript(
  call: EngineCall,
  args: readonly string[],
  { sha, count, isReadOnly }: { readonly sha: string; readonly count: number; readonly isReadOnly: boolean },
): Reply {
  // What the script changed is kept command by command, in one frame.
  call.hasEffects = true
  const { engine } = call
  const host = engine.scripted.begin(call, engine.scripts.flagsOf(sha), isReadOnly)
  return engine.scripts.run(sha, args.slice(3, 3 + count), args.slice(3 + count), host)
}

function keysOf(args: readonly string[]): readonly string[] {
  return args.slice(3, 3 + keyCount(args))
}
