import { type Chunk as Parsed, parse } from 'luaparse'
import { forgetChunk, keepChunk, nameChunk, shortName } from './error.ts'
import { argTable, build, walkOf } from './loops.ts'
import { meter } from './meter.ts'
import * as operators from './operators.ts'
import { LimitError } from './scopes.ts'
import { mainCode } from './statements.ts'
import { LuaTable } from './table.ts'
import { first, type LuaFunction, many, NOTHING } from './value.ts'
import { Writer } from './writer.ts'

/** What every script of one engine sees, besides the libraries. */
export interface World {
  readonly globals: LuaTable
  keys: LuaTable
  argv: LuaTable
}

/** A text that does not compile; the message as Lua writes it, with the chunk's name and line. */
export class CompileError extends Error {}

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
    const tree = parsed(source, name)
    const w = new Writer(world.globals, assignedNames(tree))
    const code = mainCode(w, tree.body)
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

function parsed(source: string, name: string): Parsed {
  try {
    return parse(source, {
      luaVersion: '5.1',
      comments: false,
      scope: false,
      locations: true,
      encodingMode: 'pseudo-latin1',
    })
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    const [, line = '1', message = error.message] = /^\[(\d+):\d+\] ([\s\S]*)$/.exec(error.message) ?? []
    throw new CompileError(`${shortName(name)}:${line}: ${luaMessage(message)}`)
  }
}

/** luaparse's words as Lua 5.1's, where both tell the same. */
function luaMessage(message: string): string {
  const unexpected = /^unexpected \S+ '([\s\S]*)' near '[\s\S]*'$/.exec(message)
  if (unexpected !== null) return `unexpected symbol near '${unexpected[1]}'`
  const expression = /^<expression> expected near '([\s\S]*)'$/.exec(message)
  if (expression !== null) return `unexpected symbol near '${expression[1]}'`
  return message
}

/** The names assigned anywhere in the text, in a walk that does not recurse. */
function assignedNames(tree: Parsed): ReadonlySet<string> {
  const names = new Set<string>()
  const open: unknown[] = [tree.body]
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (typeof node !== 'object' || node === null) continue
    const { type, variables } = node as { readonly type?: string; readonly variables?: readonly { name?: string }[] }
    if (type === 'AssignmentStatement') for (const { name } of variables ?? []) if (name !== undefined) names.add(name)
    if (type === 'FunctionDeclaration') {
      const { identifier } = node as { readonly identifier: { readonly name?: string } | null }
      if (identifier?.name !== undefined) names.add(identifier.name)
    }
    for (const [key, child] of Object.entries(node)) if (key !== 'loc' && child !== null) open.push(child)
  }
  return names
}
