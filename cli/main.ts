#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/**
 * The program `sluice`. What is slow to load (the grammar, the server, the screen, YAML) is behind an `import()`, each when
 * it is needed: `sluice --version` starts as fast as Node itself. From source this file is in cli/, built it is in dist/:
 * package.json is in the folder above either.
 */
const argv = process.argv.slice(2)
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
const version = readVersion(new URL('../package.json', import.meta.url))

if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(`Sluice needs Node.js 20.19 or newer; this is ${process.versions.node}.\n`)
  process.exitCode = 1
} else if (argv.length === 1 && ['--version', '-V', 'version'].includes(argv[0] ?? '')) {
  process.stdout.write(`${version}\n`)
} else if (argv[0] === '_demo-process') {
  const { runShopProcess } = await import('./demo/process.ts')
  await runShopProcess(argv.slice(1))
} else {
  const { start } = await import('./start.ts')
  const webFolder = fileURLToPath(new URL('../dist/web', import.meta.url))
  await start(argv, { version, webFolder, program: fileURLToPath(import.meta.url) })
}

function readVersion(packageFile: URL): string {
  try {
    const { version: text } = JSON.parse(readFileSync(packageFile, 'utf8'))
    return String(text)
  } catch {
    return 'unknown'
  }
}
