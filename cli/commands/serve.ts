import { EXIT, type ExitCode } from '../exit.ts'
import { inert } from '../format/inert.ts'
import type { Io } from '../session.ts'

/** A server that runs, as far as the terminal needs to know it. */
export interface Running {
  readonly url: string
  /** The same with a token that signs one browser in, once. */
  readonly signInUrl: string
  close(): Promise<void>
}

interface Start {
  readonly file: string | null
  /** Usual local addresses tried because nothing is configured. */
  readonly tried: readonly { readonly url: string; readonly listens: boolean }[]
  readonly running: Running
}

/** Says where the server is and what it found, and runs it until the person or the system ends it. */
export async function serveUntilEnded(io: Io, start: Start): Promise<ExitCode> {
  io.stderr.write(startText(start))
  await ended(io.interrupt)
  await start.running.close()
  return EXIT.done
}

function startText({ file, tried, running: { url, signInUrl } }: Start): string {
  const lines = [`Sluice serves ${url}`, `  to act, sign in once: ${signInUrl}`]
  if (file !== null) lines.push(`  configured by ${file}`)
  for (const one of tried) lines.push(`  ${one.listens ? 'found  ' : 'nothing'}  ${redacted(one.url)}`)
  if (tried.length > 0)
    lines.push('  To read other brokers: `sluice init` writes a sluice.yaml. To see a shop at work: `sluice demo`')
  return lines.map((line) => `${inert(line)}\n`).join('')
}

/** Without a user and a password. */
export function redacted(url: string): string {
  return url.replace(/\/\/[^@/]*@/, '//')
}

/** Resolves when the person or the system ends the program. */
export function ended(interrupt: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (interrupt.aborted) resolve()
    else interrupt.addEventListener('abort', () => resolve(), { once: true })
  })
}
