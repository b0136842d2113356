import { forgetChunk, keepChunk, nameChunk, shortName } from './error.ts'
import { argTable, build, walkOf } from './loops.ts'
import { meter } from './meter.ts'
import * as operators from './operators.ts'
import { LimitError } from './scopes.ts'
import { mainCode } from './statements.ts'
import { CompileError, parsed } from './syntax.ts'
import { LuaTable } from './table.ts'
import { first, type LuaFunction, many, NOTHING } from './value.ts'
import { Writer } from './writer.ts'

/** What every script of one engine sees, besides the libraries. */
export interface World {
  readonly globals: LuaTable
  keys: LuaTable
  argv: LuaTable
}

export interface Compiled {
  readonly main: LuaFunction
  /** Its errors find no line any more: for a chunk that is thrown away. */
  forget(): void
}

/** The lines that `new Function` puts before a body. */
const LINES_BEFORE = 3

/** What the generated code calls, by the names it uses. */
const RUNTIME = {
  ...operators,
  LuaTable,
  NOTHING,
  argTable,
  build,
  first,
  m: meter,
  many,
  walkOf,
}
const NAMES = Object.keys(RUNTIME).join(',')

/**
 * Lua 5.1 to JavaScript, from the syntax tree only.
 * @param name as Lua names chunks: `@user_script`, `=name`, or the text itself
 */
export function compile(source: string, name: string, world: World): Compiled {
  try {
    const syntax = parsed(source, name)
    const w = new Writer(world.globals, syntax)
    const code = mainCode(w, syntax.tree.body)
    const file = nameChunk()
    const { text, sites } = w.assemble(code, LINES_BEFORE)
    const constants = w.constants.map((_, i) => `b${i}=constants[${i}]`).join(',')
    const head = `"use strict";const {${NAMES}}=rt${constants === '' ? '' : `,${constants}`};`
    const make = new Function('rt', 'world', 'constants', `${head}return ${text}\n//# sourceURL=${file}`)
    const main = make(RUNTIME, world, w.constants) as LuaFunction
    keepChunk(file, { name, sites })
    return { main, forget: () => forgetChunk(file) }
  } catch (error) {
    // Source nested so deeply that a recursion over it, ours, the parser's or V8's, used up the stack.
    if (error instanceof RangeError) throw new CompileError(`${shortName(name)}:1: chunk has too many syntax levels`)
    if (error instanceof LimitError) throw new CompileError(`${shortName(name)}:${error.line}: ${error.message}`)
    throw error
  }
}
