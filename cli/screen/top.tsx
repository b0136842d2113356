import { EXIT, type ExitCode } from '../exit.ts'
import type { Session } from '../session.ts'

export async function top(_session: Session, _options: { source: string | null; faults: boolean }): Promise<ExitCode> {
  return EXIT.done
}
