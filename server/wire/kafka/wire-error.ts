/** Bytes that are not the message they should be, or a value that cannot be put into bytes. `path` names the field. */
export class WireError extends Error {
  readonly path: readonly string[]
  readonly problem: string

  constructor(problem: string, path: readonly string[] = []) {
    super(path.length === 0 ? problem : `${path.join('.')}: ${problem}`)
    this.name = 'WireError'
    this.problem = problem
    this.path = path
  }

  /** The same error, one level further out: the path is put together only when something is wrong. */
  within(name: string): WireError {
    return new WireError(this.problem, [name, ...this.path])
  }
}

/** Adds the name of the part to whatever went wrong inside it. */
export function within(name: string, thrown: unknown): unknown {
  return thrown instanceof WireError ? thrown.within(name) : thrown
}
