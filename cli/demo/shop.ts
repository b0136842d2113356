import { type ChildProcess, fork } from 'node:child_process'
import type { ToProcess } from './process.ts'
import { REDIS_VARIABLE, ROLES, type Role } from './role.ts'
import type { Question, World } from './world.ts'

/** The first argument of the program that makes it a process of the shop: no command of people. */
export const PROCESS_WORD = '_demo-process'

/** How long a process may take to end, ms; then it is killed. */
const END_MS = 2_000
/** A process that ended by itself comes back after this, ms. */
const AGAIN_MS = 2_000

export interface ShopOptions {
  /** The file of the program `sluice`. */
  readonly program: string
  readonly redis: string
  readonly world: Pick<World, 'answer'>
  readonly seed: number
  /** One line about a process that ended by itself. */
  readonly onTrouble: (text: string) => void
}

/** The processes of the shop. */
export class ShopProcesses {
  readonly #options: ShopOptions
  readonly #children = new Map<Role, ChildProcess>()
  readonly #restarts = new Set<NodeJS.Timeout>()
  #isEnding = false

  constructor(options: ShopOptions) {
    this.#options = options
    for (const role of ROLES) this.#start(role)
  }

  /** Ends them all; resolves when they are gone. */
  async end(): Promise<void> {
    this.#isEnding = true
    for (const timer of this.#restarts) clearTimeout(timer)
    await Promise.all([...this.#children.values()].map(ended))
  }

  #start(role: Role): void {
    const { program, redis, world, seed, onTrouble } = this.#options
    const args = [PROCESS_WORD, role, String(seed + ROLES.indexOf(role))]
    // Small heaps: four of these and the dashboard must fit beside whatever else a laptop does.
    const execArgv = [...process.execArgv, '--max-semi-space-size=1', '--max-old-space-size=96']
    const env = { ...process.env, [REDIS_VARIABLE]: redis }
    const child = fork(program, args, { execArgv, env, stdio: ['ignore', 'ignore', 'pipe', 'ipc'] })
    this.#children.set(role, child)
    let said = ''
    child.stderr?.on('data', (chunk) => {
      said = `${said}${chunk}`.slice(-2_000)
    })
    child.on('message', (question: Question) => {
      void world.answer(question).then((reply) => tell(child, reply))
    })
    child.on('error', (error) => {
      // Of a process that runs it is a message that did not reach it; its exit comes by itself.
      if (hasStarted(child)) return
      onTrouble(`the shop's ${role} did not start: ${error.message}`)
      this.#startAgain(role)
    })
    child.once('exit', (code, signal) => {
      const why = said.split('\n').find((line) => /^\s*\w*Error\b.*: /.test(line))
      const how = `${signal ?? code}) and is started again${why ? `: ${why.trim()}` : ''}`
      if (!this.#isEnding) onTrouble(`the shop's ${role} ended by itself (${how}`)
      this.#startAgain(role)
    })
  }

  #startAgain(role: Role): void {
    this.#children.delete(role)
    if (this.#isEnding) return
    const timer = setTimeout(() => {
      this.#restarts.delete(timer)
      this.#start(role)
    }, AGAIN_MS)
    this.#restarts.add(timer)
  }
}

function tell(child: ChildProcess, message: ToProcess): void {
  if (child.connected) child.send(message, () => undefined)
}

function hasStarted(child: ChildProcess): boolean {
  return child.pid !== undefined
}

/** One that did not start has no exit. */
function ended(child: ChildProcess): Promise<void> {
  if (!hasStarted(child)) return Promise.resolve()
  return new Promise((resolve) => {
    const force = setTimeout(() => child.kill('SIGKILL'), END_MS)
    child.once('exit', () => {
      clearTimeout(force)
      resolve()
    })
    tell(child, 'end')
  })
}
