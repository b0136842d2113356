import { ErrorReply, oneLine } from '../reply.ts'
import { baseLibrary, text } from './base-library.ts'
import { bitLibrary } from './bit-library.ts'
import { cjsonLibrary } from './cjson-library.ts'
import { cmsgpackLibrary } from './cmsgpack-library.ts'
import { type Compiled, compile, type World } from './compile.ts'
import { replyOf } from './convert.ts'
import { type Frame, framesOf, LuaError } from './error.ts'
import { mathLibrary } from './math-library.ts'
import { meter, ScriptStop } from './meter.ts'
import { strings, toText } from './operators.ts'
import { redisLibrary, type Session, sha1 } from './redis-library.ts'
import type { ScriptEngine, ScriptFlags, ScriptHost, ScriptLimits } from './script-host.ts'
import { withoutShebang } from './shebang.ts'
import { stringLibrary } from './string-library.ts'
import { structLibrary } from './struct-library.ts'
import { CompileError } from './syntax.ts'
import { LuaTable } from './table.ts'
import { tableLibrary } from './table-library.ts'
import { first, type LuaFunction, type LuaValue } from './value.ts'

/** The Redis whose scripts these are. */
const VERSION = '7.0.15'
/** Of the about 984 KB that V8 gives a thread's stack; the rest is for what calls us, and for commands. */
const STACK_BYTES = 720_000

interface Script {
  readonly compiled: Compiled
  readonly flags: ScriptFlags | null
  by: 'eval' | 'load'
}

/** Lua 5.1 with Redis' libraries, compiled to JavaScript. */
export function createScriptEngine(limits: ScriptLimits): ScriptEngine {
  const scripts = new Map<string, Script>()
  const loadedChunks: Compiled[] = []
  const session: Session = { host: NO_HOST, protocol: 2 }
  const world = createWorld(session, loadedChunks)
  let evaluated = 0

  function forget(sha: string, script: Script): void {
    scripts.delete(sha)
    script.compiled.forget()
    if (script.by === 'eval') evaluated--
  }

  return {
    load(source, by) {
      const sha = sha1(source)
      const known = scripts.get(sha)
      if (known !== undefined) {
        if (by === 'load' && known.by === 'eval') {
          known.by = 'load'
          evaluated--
        }
        return sha
      }
      scripts.set(sha, { ...compiledScript(source, world), by })
      if (by === 'eval') evaluated++
      if (evaluated > limits.cachedScripts) {
        for (const [oldest, script] of scripts) {
          if (script.by !== 'eval' || oldest === sha) continue
          forget(oldest, script)
          break
        }
      }
      return sha
    },
    has: (sha) => scripts.has(sha),
    flagsOf: (sha) => scripts.get(sha)?.flags ?? null,
    flush() {
      for (const [sha, script] of scripts) forget(sha, script)
    },
    run(sha, keys, argv, host) {
      const script = scripts.get(sha)
      if (script === undefined) throw new ErrorReply('NOSCRIPT No matching script. Please use EVAL.')
      meter.start(limits, STACK_BYTES, host)
      session.host = host
      session.protocol = 2
      try {
        setArguments(world, keys, argv)
        return replyOf(first(script.compiled.main()), session.protocol)
      } catch (thrown) {
        throw failure(thrown, sha)
      } finally {
        meter.stop()
        session.host = NO_HOST
        if (loadedChunks.length > 0) for (const chunk of loadedChunks.splice(0)) chunk.forget()
      }
    },
  }
}

const NO_HOST: ScriptHost = {
  call: () => new ErrorReply('ERR no script is running'),
  log() {},
  elapsedMs: () => 0,
  tookMs: 0,
}

function setArguments(world: World, keys: readonly string[], argv: readonly string[]): void {
  world.keys = new LuaTable(keys.slice())
  world.argv = new LuaTable(argv.slice())
  const hash = world.globals.hash
  hash?.set('KEYS', world.keys)
  hash?.set('ARGV', world.argv)
}

function compiledScript(source: string, world: World): Pick<Script, 'compiled' | 'flags'> {
  try {
    const { body, flags } = withoutShebang(source)
    return { compiled: compile(body, '@user_script', world), flags }
  } catch (error) {
    if (!(error instanceof CompileError)) throw error
    throw new ErrorReply(oneLine(`ERR Error compiling script (new function): ${error.message}`))
  }
}

/** The globals: the libraries, all read-only for ever. */
function createWorld(session: Session, loadedChunks: Compiled[]): World {
  const globals = new LuaTable()
  const world: World = { globals, keys: new LuaTable(), argv: new LuaTable() }
  const string = libraryTable(stringLibrary)
  const libraries: Readonly<Record<string, LuaTable>> = {
    string,
    table: libraryTable(tableLibrary),
    math: libraryTable(mathLibrary()),
    bit: libraryTable(bitLibrary),
    struct: libraryTable(structLibrary),
    cmsgpack: libraryTable(cmsgpackLibrary),
    cjson: libraryTable(cjsonLibrary()),
    redis: libraryTable(redisLibrary(session, VERSION)),
  }
  strings.metatable = readonly(libraryTable({ __index: string }))
  for (const [name, value] of Object.entries(baseLibrary(world, loadedChunks))) globals.set(name, value)
  for (const [name, value] of Object.entries(libraries)) globals.set(name, readonly(value))
  globals.set('_G', globals)
  globals.set('_VERSION', 'Lua 5.1')
  globals.set('KEYS', world.keys)
  globals.set('ARGV', world.argv)
  globals.meta = readonly(libraryTable({ __index: unknownGlobal }))
  readonly(globals)
  return world
}

/** `_G.x` for a name there is not: as the plain name. */
const unknownGlobal: LuaFunction = (_globals, name) => {
  const error = new LuaError(undefined)
  const [frame] = error.frames
  const place = typeof frame === 'object' ? `user_script:${frame.site.line}: ` : ''
  error.value = `${place}Script attempted to access nonexistent global variable '${String(text(name))}'`
  throw error
}

function libraryTable(members: Readonly<Record<string, LuaValue>>): LuaTable {
  const table = new LuaTable()
  for (const [name, value] of Object.entries(members)) table.set(name, value)
  return table
}
function readonly(table: LuaTable): LuaTable {
  table.isReadonly = true
  return table
}

/** What ended a script, as the client is told. */
function failure(thrown: unknown, sha: string): ErrorReply {
  if (thrown instanceof ErrorReply) return thrown
  if (thrown instanceof LuaError) {
    const frame = thrown.isOperator && thrown.frames[0] === 'library' ? thrown.frames[1] : thrown.frames[0]
    return errorAt(messageOf(thrown.value), frame, sha)
  }
  if (thrown instanceof ScriptStop) return errorAt(`ERR ${thrown.message}`, framesOf(thrown)[0], sha)
  if (thrown instanceof RangeError) {
    const isStack = thrown.message.includes('call stack')
    return errorAt(isStack ? 'ERR user_script: stack overflow' : 'ERR not enough memory', framesOf(thrown)[0], sha)
  }
  throw thrown
}

function messageOf(value: LuaValue): string {
  if (!(value instanceof LuaTable)) {
    // What has no text of its own is told by its type, where `tostring` would run the script's code again.
    return typeof value === 'string' ? `ERR ${value}` : `ERR ${typeof value === 'object' ? 'userdata' : text(value)}`
  }
  return toText(value.named('err')) ?? 'ERR unknown error'
}

function errorAt(message: string, frame: Frame | undefined, sha: string): ErrorReply {
  const trimmed = oneLine(message)
  if (frame === undefined) return new ErrorReply(`${trimmed} script: ${sha}, on @user_script:-1.`)
  const place =
    frame === 'library' ? '=[C]:-1' : frame === 'tail' ? '=(tail call):-1' : `${frame.chunk.name}:${frame.site.line}`
  return new ErrorReply(oneLine(`${trimmed} script: ${sha}, on ${place}.`))
}
