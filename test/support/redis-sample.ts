import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'

export type RedisSample =
  | 'bullmq-5.81.5'
  | 'bullmq-6.7.0'
  | 'sidekiq-6.4.1'
  | 'sidekiq-7.3.9'
  | 'sidekiq-7.3.9-after-kill9'

/** Loads a capture into database `db` of a Redis of the test's own. Needs `redis-cli`, which comes with `redis-server`. */
export async function loadSample(name: RedisSample, port: number, db = 0): Promise<void> {
  const text = await readFile(new URL(`./samples/redis/${name}.redis`, import.meta.url), 'utf8')
  const commands = text.split('\n').filter((line) => !line.startsWith('PEXPIRE '))
  const output = await new Promise<string>((resolve, reject) => {
    const args = ['-p', String(port), '-n', String(db)]
    const cli = execFile('redis-cli', args, { timeout: 10_000 }, (error, stdout) =>
      error ? reject(error) : resolve(stdout),
    )
    cli.stdin?.end(commands.join('\n'))
  })
  if (/^\(error\)|^ERR/m.test(output)) throw new Error(`loading ${name}: ${output.slice(0, 200)}`)
}
