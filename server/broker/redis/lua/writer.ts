import type { Site } from './error.ts'
import { FunctionScope, type Local } from './scopes.ts'
import type { Syntax } from './syntax.ts'
import type { LuaTable } from './table.ts'
import type { LuaFunction } from './value.ts'

/**
 * Collects what the generated code of one text needs. Code is put together from strings of our own alone: names are made here, literals
 * are encoded. A mark in it, `\x01n\x02`, begins a new line of JavaScript, by whose number an error finds its site.
 */
export class Writer {
  scope: FunctionScope
  readonly syntax: Syntax
  /** The globals: they never change, so what they hold is looked up once. */
  readonly globals: LuaTable
  readonly constants: LuaFunction[] = []
  readonly #sites: Site[] = []
  readonly #scopes: FunctionScope[] = []
  #names = 0

  constructor(globals: LuaTable, syntax: Syntax) {
    this.globals = globals
    this.syntax = syntax
    this.scope = this.#newScope({ parent: null, hasVarargs: true, line: 0 })
  }

  name(): string {
    this.#names++
    return `l${this.#names}`
  }

  find(name: string): Local | undefined {
    return this.scope.find(name)
  }

  enter(hasVarargs: boolean, line: number): FunctionScope {
    this.scope = this.#newScope({ parent: this.scope, hasVarargs, line })
    return this.scope
  }
  leave(): void {
    if (this.scope.parent !== null) this.scope = this.scope.parent
  }

  #newScope(options: { parent: FunctionScope | null; hasVarargs: boolean; line: number }): FunctionScope {
    const scope = new FunctionScope({ id: this.#scopes.length, ...options })
    this.#scopes.push(scope)
    return scope
  }

  /** Before the call of a helper or a function that can fail. */
  mark(site: Partial<Site> & { line: number }): string {
    this.#sites.push({ operands: [], callee: null, isMethod: false, isTail: false, ...site })
    return `\x01${this.#sites.length - 1}\x02`
  }

  /** A function of the library under a name of its own. */
  constant(value: LuaFunction): string {
    const known = this.constants.indexOf(value)
    return `b${known >= 0 ? known : this.constants.push(value) - 1}`
  }

  /** The whole text, and which site each of its lines has. `\x03n\x04` becomes the cost of function n. */
  assemble(code: string, firstLine: number): { readonly text: string; readonly sites: readonly (Site | undefined)[] } {
    const sites: (Site | undefined)[] = []
    let line = firstLine
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the marks are control characters because no code has them
    const text = code.replace(/\x01(\d+)\x02|\x03(\d+)\x04/g, (_, site: string | undefined, scope: string) => {
      if (site === undefined) return String(this.#scopes[Number(scope)]?.stackBytes)
      line++
      sites[line] = this.#sites[Number(site)]
      return '\n'
    })
    return { text, sites }
  }
}

/** A JavaScript string literal of any bytes: only letters, digits and blanks stand for themselves. */
export function quote(text: string): string {
  return `"${text.replace(/[^A-Za-z0-9 ]/g, (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`)}"`
}
