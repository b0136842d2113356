import { meter } from './meter.ts'
import type { LuaValue } from './value.ts'

/** What a place of the generated code that can fail says about itself. */
export interface Site {
  readonly line: number
  /** What the operands are called in messages: `local 'x'`, `field 'y'`; of a call, its callee. */
  readonly operands: readonly (string | null)[]
  /** A call's name: `bad argument #1 to 'name'`. */
  readonly callee: string | null
  readonly isMethod: boolean
  /** A call in `return f()`: its frame is gone while f runs, for Lua. */
  readonly isTail: boolean
}

/** One compiled text: its name as Lua writes it (`@user_script`), and the site of each of its lines. */
export interface Chunk {
  readonly name: string
  readonly sites: readonly (Site | undefined)[]
}

/** Chunks by the name their code runs under. Those that `loadstring` makes are forgotten when the script ends. */
const chunks = new Map<string, Chunk>()
const PREFIX = 'sluice-lua-'
let made = 0

export function nameChunk(): string {
  made++
  return `${PREFIX}${made}`
}
export function keepChunk(name: string, chunk: Chunk): void {
  chunks.set(name, chunk)
}
export function forgetChunk(name: string): void {
  chunks.delete(name)
}

/** Where a function was: in a place of a chunk, or in the library (`[C]`), or gone by a tail call. */
export type Frame = { readonly chunk: Chunk; readonly site: Site } | 'library' | 'tail'

/** A library function that calls back goes through a method of this name: on the stack it is seen as a level of its own. */
const BOUNDARY = 'callFromLibrary'

/** What an error costs beside plain steps: a script may raise them without end. */
const STEPS = 300

/** Frames of JavaScript looked at: at most 3 belong to one of Lua. */
const STACK_FRAMES = 24

/** An error on its way: any Lua value, and the frames it came through. */
export class LuaError extends Error {
  value: LuaValue
  /** Raised by an operator of the running function, not by a library function it called. */
  readonly isOperator: boolean
  #frames: readonly Frame[] | null = null

  constructor(value: LuaValue, isOperator = false, depth = STACK_FRAMES) {
    const limit = Error.stackTraceLimit
    Error.stackTraceLimit = depth
    super()
    Error.stackTraceLimit = limit
    this.value = value
    this.isOperator = isOperator
    meter.steps -= STEPS
  }

  /** The innermost first. */
  get frames(): readonly Frame[] {
    if (this.#frames === null) this.#frames = framesOf(this)
    return this.#frames
  }

  leaveInnermost(): void {
    this.#frames = this.frames.slice(1)
  }
}

/** Raised at the start of a function, in the name of its caller. */
export function overflow(): LuaError {
  const error = new LuaError(undefined, true)
  error.leaveInnermost()
  error.value = `${placeOf(error.frames[0])}stack overflow`
  return error
}

/** The frames of any error that JavaScript threw in generated code. */
export function framesOf(error: Error): readonly Frame[] {
  const calls = callSitesOf(error)
  const frames: Frame[] = []
  for (const call of calls) {
    const script = call.getScriptNameOrSourceURL()
    if (script?.startsWith(PREFIX)) {
      const chunk = chunks.get(script)
      const site = chunk?.sites[call.getLineNumber() ?? 0]
      if (chunk === undefined || site === undefined) continue
      const caller = frames.at(-1)
      const isGone = site.isTail && caller !== undefined && caller !== 'library'
      frames.push(isGone ? 'tail' : { chunk, site })
    } else if (call.getFunctionName() === BOUNDARY) frames.push('library')
  }
  return frames
}

interface CallSite {
  getScriptNameOrSourceURL(): string | null | undefined
  getLineNumber(): number | null
  getFunctionName(): string | null
}

function callSitesOf(error: Error): readonly CallSite[] {
  const prepare = Error.prepareStackTrace
  Error.prepareStackTrace = (_error, sites) => sites
  const stack = error.stack as unknown
  Error.prepareStackTrace = prepare
  return Array.isArray(stack) ? (stack as CallSite[]) : []
}

/** An error of an operator: with its place in front, when Lua code ran it. */
export function operatorError(describe: (operands: readonly (string | null)[]) => string): LuaError {
  const error = new LuaError(undefined, true)
  const frame = error.frames[0]
  const operands = typeof frame === 'object' ? frame.site.operands : []
  error.value = placeOf(frame) + describe(operands)
  return error
}

/**
 * An error of a library function: with the place of its caller in front, when that is Lua code.
 * @param depth frames of JavaScript to look through, more for a function that recurses
 */
export function libraryError(message: string, depth = STACK_FRAMES): LuaError {
  const error = new LuaError(undefined, false, depth)
  error.value = placeOf(error.frames[0]) + message
  return error
}

export function argumentError(position: number, message: string): LuaError {
  const error = new LuaError(undefined)
  const frame = error.frames[0]
  const site = typeof frame === 'object' ? frame.site : null
  const name = site?.callee ?? '?'
  const number = site?.isMethod ? position - 1 : position
  const text =
    number === 0 && site?.isMethod
      ? `calling '${name}' on bad self (${message})`
      : `bad argument #${number} to '${name}' (${message})`
  error.value = placeOf(frame) + text
  return error
}

/** `user_script:1: `, or nothing for a frame that has no place. */
export function placeOf(frame: Frame | undefined): string {
  return typeof frame === 'object' ? `${shortName(frame.chunk.name)}:${frame.site.line}: ` : ''
}

/** How Lua 5.1 shows a chunk's name: `@file`, `=name`, or the text of a string, its first line, up to 60 characters in all. */
export function shortName(name: string): string {
  if (name[0] === '=') return name.slice(1, 60)
  if (name[0] === '@') return name.length - 1 > 51 ? `...${name.slice(-51)}` : name.slice(1)
  const end = name.search(/[\r\n]/)
  const line = end < 0 ? name : name.slice(0, end)
  const isCut = end >= 0 || line.length > 43
  return isCut ? `[string "${line.slice(0, 43)}..."]` : `[string "${line}"]`
}
