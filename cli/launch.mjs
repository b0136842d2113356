/**
 * `npm start`, `npm test`, `npm run build`: on a fresh clone with nothing but Node they install and build what is
 * missing, say what they do, and then run. Later they find everything in place and begin at once.
 */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { constants } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isBuilt, isInstalled } from './fresh.mjs'

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)))
const NODE_MINIMUM = [20, 19]

const [command, ...args] = process.argv.slice(2)
process.exitCode = await main()

async function main() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major < NODE_MINIMUM[0] || (major === NODE_MINIMUM[0] && minor < NODE_MINIMUM[1])) {
    console.error(`Sluice needs Node.js ${NODE_MINIMUM.join('.')} or newer; this is ${process.versions.node}.`)
    return 1
  }
  if (command !== 'start' && command !== 'test' && command !== 'build') {
    console.error('usage: node cli/launch.mjs start|test|build [ARGUMENT …]')
    return 2
  }
  if (!isInstalled(ROOT)) {
    const code = await step('installing packages', () => runNpm(['ci', '--ignore-scripts', '--no-audit', '--no-fund']))
    if (code !== 0) return code
  }
  if (command === 'build' || !isBuilt(ROOT)) {
    const code = await step('building', () => runNode([join('cli', 'build.mjs'), ...(command === 'build' ? args : [])]))
    if (code !== 0) return code
  }
  if (command === 'start') return await runNode([join('dist', 'sluice.js'), 'serve', '--demo', ...args])
  if (command === 'test') return await runNode([join('node_modules', 'vitest', 'vitest.mjs'), 'run', ...args])
  return 0
}

async function step(what, work) {
  console.log(`sluice: ${what} …`)
  const before = performance.now()
  const code = await work()
  const took = `${((performance.now() - before) / 1000).toFixed(1)} s`
  if (code === 0) console.log(`sluice: ${what} took ${took}`)
  else console.error(`sluice: ${what} failed after ${took}`)
  return code
}

function runNode(nodeArgs) {
  return run(process.execPath, nodeArgs)
}

/** npm says where it is when it runs us; started by hand, it is looked for beside Node, then in PATH. */
function runNpm(npmArgs) {
  const beside = join(dirname(process.execPath), '..', 'lib', 'node_modules', 'npm', 'bin', 'npm-cli.js')
  const script = [process.env.npm_execpath, beside].find((file) => file?.endsWith('npm-cli.js') && existsSync(file))
  return script === undefined ? run('npm', npmArgs) : runNode([script, ...npmArgs])
}

/** Runs a program with our terminal; resolves with its exit code, 128 + n where signal n ended it, as a shell does. */
function run(program, programArgs) {
  return new Promise((resolve) => {
    const child = spawn(program, programArgs, { cwd: ROOT, stdio: 'inherit' })
    const stopForwarding = forwardSignals(child)
    child.once('error', (error) => {
      stopForwarding()
      console.error(`sluice: cannot run ${program}: ${error.message}`)
      resolve(127)
    })
    child.once('close', (code, signal) => {
      stopForwarding()
      resolve(signal === null ? code : 128 + constants.signals[signal])
    })
  })
}

/** What is sent to us is meant for the program we run. A terminal sends Ctrl-C to both of us by itself. */
function forwardSignals(child) {
  const forward = (signal) => {
    if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal)
  }
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP']
  for (const signal of signals) process.on(signal, forward)
  return () => {
    for (const signal of signals) process.off(signal, forward)
  }
}
