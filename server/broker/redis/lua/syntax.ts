import { type Expression, type Options, type Parser, parse, type Token, type Chunk as Tree } from 'luaparse'
import { shortName } from './error.ts'

/** A text that does not compile; the message as Lua writes it, with the chunk's name and line. */
export class CompileError extends Error {}

export interface Syntax {
  readonly tree: Tree
  /** The names that are assigned somewhere. */
  readonly assigned: ReadonlySet<string>
  /** The calls and `...` in parentheses, which cut many values down to one; luaparse's tree does not tell. */
  readonly cut: ReadonlySet<Expression>
}

const OPTIONS: Partial<Options> = {
  luaVersion: '5.1',
  comments: false,
  scope: false,
  locations: true,
  ranges: true,
  encodingMode: 'pseudo-latin1',
}

/** The syntax tree of a text of Lua 5.1. Throws CompileError. */
export function parsed(source: string, name: string): Syntax {
  let tree: Tree
  try {
    tree = parse(source, OPTIONS)
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    const { index, line } = error as SyntaxError & { readonly index: number; readonly line: number }
    const message = error.message.replace(/^\[\d+:-?\d+\] /, '')
    throw new CompileError(`${shortName(name)}:${line}: ${luaMessage(message, { source, index, line })}`)
  }
  return { tree, ...surveyed(tree, source) }
}

interface Place {
  readonly source: string
  readonly index: number
  readonly line: number
}

/** luaparse's words as Lua 5.1's. */
function luaMessage(message: string, place: Place): string {
  const number = /[0-9][0-9A-Za-z_.]*[A-Za-z_.][0-9A-Za-z_.]*$/.exec(wordAround(place))
  if (number !== null && !message.includes('escape') && Number.isNaN(Number(number[0])))
    return `malformed number near '${number[0]}'`
  const isAtEnd = place.index >= place.source.length
  if (message.startsWith('unfinished string') && isAtEnd) return "unfinished string near '<eof>'"
  const long = /^(unfinished long \w+) \(/.exec(message)
  if (long !== null) return `${long[1]} near '<eof>'`
  const unexpected = /^unexpected (\S+) '([\s\S]*)' near '[\s\S]*'$/.exec(message)
  if (unexpected !== null) {
    const isAfterValue = /[\w)\]}'"]\s*$/.test(place.source.slice(0, place.index))
    const isForeign = isAfterValue && /^[&|!@?$`~]/.test(unexpected[2] ?? '')
    const isBlockEnd =
      isForeign || unexpected[1] === 'identifier' || /^(end|else|elseif|until)$/.test(unexpected[2] ?? '')
    return isBlockEnd ? missingEnd(`near '${unexpected[2]}'`, place) : `unexpected symbol near '${unexpected[2]}'`
  }
  const expression = /^<expression> expected near '([\s\S]*)'$/.exec(message)
  if (expression !== null) return `unexpected symbol near '${expression[1]}'`
  const expected = /^'(end|until|\)|\})' expected (near '[\s\S]*')$/.exec(message)
  if (expected === null) return message.replace(/^<name> expected/, "'<name>' expected")
  if (/[({,]\s*$/.test(place.source.slice(0, place.index))) return `unexpected symbol ${expected[2]}`
  return missingEnd(expected[2] ?? '', place, expected[1])
}

/** The word that an error points into. */
function wordAround({ source, index }: Place): string {
  const before =
    /(?<![A-Za-z_0-9])[0-9][0-9A-Za-z_.]*$/.exec(source.slice(Math.max(0, index - 40), index + 1))?.[0] ?? ''
  const after = /^[0-9A-Za-z_.]*/.exec(source.slice(index + 1, index + 40))?.[0] ?? ''
  return before === '' ? '' : before + after
}

/** `'end' expected (to close 'if' at line 1) near …`; outside of all blocks it is the end of the text that is expected. */
function missingEnd(near: string, place: Place, wanted?: string): string {
  const opener = openAt(place)
  if (opener === undefined) return `'${wanted ?? '<eof>'}' expected ${near}`
  const closer = wanted ?? opener.closer
  if (opener.line === place.line) return `'${closer}' expected ${near}`
  return `'${closer}' expected (to close '${opener.word}' at line ${opener.line}) ${near}`
}

interface Opener {
  readonly word: string
  readonly line: number
  readonly closer: string
}

/** The innermost block or bracket that is still open at a place. */
function openAt(place: Place): Opener | undefined {
  const lexer = parse(place.source, { ...OPTIONS, wait: true })
  const open: Opener[] = []
  let headers = 0
  for (;;) {
    const token = nextToken(lexer)
    if (token === null || token.type === END || token.range[0] >= place.index) return open.at(-1)
    const word = token.type === 4 || token.type === 32 ? token.value : ''
    if (word === 'do' && headers > 0) headers--
    else if (CLOSERS[word] !== undefined) {
      if (word === 'while' || word === 'for') headers++
      open.push({ word, line: token.line, closer: CLOSERS[word] })
    } else if (open.at(-1)?.closer === word) open.pop()
  }
}

/** null: the text cannot be read on, which is why we are here. */
function nextToken(lexer: Parser): Token | null {
  try {
    return lexer.lex()
  } catch {
    return null
  }
}

const END = 1
const CLOSERS: Readonly<Record<string, string>> = {
  function: 'end',
  if: 'end',
  while: 'end',
  for: 'end',
  do: 'end',
  repeat: 'until',
  '(': ')',
  '{': '}',
}

/** What the code generator must know beforehand, in a walk that does not recurse. */
function surveyed(tree: Tree, source: string): Pick<Syntax, 'assigned' | 'cut'> {
  const assigned = new Set<string>()
  const cut = new Set<Expression>()
  const open: unknown[] = [tree.body]
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    const some = node as Node
    if (some.type === 'AssignmentStatement') {
      for (const { name } of some.variables ?? []) if (name !== undefined) assigned.add(name)
    }
    if (some.type === 'FunctionDeclaration' && some.identifier?.name !== undefined) assigned.add(some.identifier.name)
    const last = lastOfList(some)
    if (last !== null && isInParens(last, source)) cut.add(last.node as Expression)
    for (const key in some) {
      const child = (some as unknown as Record<string, unknown>)[key]
      if (typeof child === 'object' && child !== null && key !== 'loc' && key !== 'range') open.push(child)
    }
  }
  return { assigned, cut }
}

interface Node {
  readonly type?: string
  readonly range: readonly [number, number]
  readonly name?: string
  readonly identifier?: { readonly name?: string } | null
  readonly variables?: readonly Node[]
  readonly init?: readonly Node[]
  readonly iterators?: readonly Node[]
  readonly arguments?: readonly Node[]
  readonly fields?: readonly Node[]
  readonly base?: Node
  readonly value?: Node
}

interface Last {
  readonly node: Node
  /** What stands between here and the node belongs to the list. */
  readonly from: number
  /** Parentheses of the list itself. */
  readonly parentheses: 0 | 1
}

/** The last expression of a list whose last may give many values. */
function lastOfList(node: Node): Last | null {
  switch (node.type) {
    case 'CallExpression':
      return lastOf(node.arguments, node.base?.range[1] ?? 0, 1)
    case 'ReturnStatement':
      return lastOf(node.arguments, node.range[0], 0)
    case 'LocalStatement':
    case 'AssignmentStatement':
      return lastOf(node.init, node.variables?.at(-1)?.range[1] ?? 0, 0)
    case 'ForGenericStatement':
      return lastOf(node.iterators, node.variables?.at(-1)?.range[1] ?? 0, 0)
    case 'TableConstructorExpression': {
      const last = lastOf(node.fields, node.range[0], 0)
      return last?.node.type === 'TableValue' && last.node.value !== undefined
        ? { ...last, node: last.node.value }
        : null
    }
    default:
      return null
  }
}

function lastOf(list: readonly Node[] | undefined, start: number, parentheses: 0 | 1): Last | null {
  const node = list?.at(-1)
  if (list === undefined || node === undefined) return null
  const before = list.at(-2)
  return before === undefined ? { node, from: start, parentheses } : { node, from: before.range[1], parentheses: 0 }
}

function isInParens({ node, from, parentheses }: Last, source: string): boolean {
  if (node.type !== 'VarargLiteral' && !node.type?.endsWith('CallExpression')) return false
  const between = source.slice(from, node.range[0]).replace(/--\[(=*)\[[\s\S]*?\]\1\]|--[^\n]*/g, '')
  return between.split('(').length - 1 > parentheses
}
